package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// staffed adds somebody of each role to the office, named like their role, and
// returns them signed in. Those who oversee are of the whole installation.
func (o *office) staffed() map[sohoa.UserRole]*client {
	o.t.Helper()
	people := map[sohoa.UserRole]*client{}
	for _, role := range sohoa.UserRoles {
		u := sohoa.User{Name: "the-" + string(role), FullName: "Người " + string(role), Roles: []sohoa.UserRole{role}, CreatedAt: o.now()}
		switch role {
		case sohoa.UserArchivist, sohoa.UserInspector, sohoa.UserAdmin:
		default:
			u.Agency = agencyA
		}
		o.update(func(tx archive.Tx) error { return tx.PutUser(u) })
		people[role] = o.signedIn(u.Name)
	}
	return people
}

var (
	navBox  = regexp.MustCompile(`(?s)<div class="menu-box">.*?</details>`)
	navLink = regexp.MustCompile(`<a href="([^"]+)"( aria-current="(?:page|true)")?>`)
)

// TestMenuOfEachRole follows every link of everybody's menu: none refuses
// them, each marks itself as the current page, and pages below mark the one
// that they belong to.
func TestMenuOfEachRole(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	for role, c := range o.staffed() {
		c.get("/dossiers/" + dossierA) // at hand
		links := navLink.FindAllStringSubmatch(navBox.FindString(c.get("/").body), -1)
		if len(links) < 4 {
			t.Errorf("the menu of %s has %d links", role, len(links))
		}
		for _, l := range links {
			a := c.get(l[1])
			if a.status != http.StatusOK || !strings.Contains(a.body, `<a href="`+l[1]+`" aria-current="page">`) {
				t.Errorf("%s: GET %s = %d, want a page that is current in the menu", role, l[1], a.status)
			}
		}
		a := c.get("/documents/" + doc.ID.String())
		if a.status != http.StatusOK || !strings.Contains(a.body, `<a href="/" aria-current="true">`) {
			t.Errorf("%s: a document = %d, want the dossiers marked", role, a.status)
		}
	}
	for role, href := range map[sohoa.UserRole]string{sohoa.UserClerk: "/admin", sohoa.UserOfficial: "/export", sohoa.UserStaff: "/disposal"} {
		if strings.Contains(o.signedIn("the-"+string(role)).get("/").body, `href="`+href+`"`) {
			t.Errorf("the menu of %s leads to %s, which refuses them", role, href)
		}
	}
}
