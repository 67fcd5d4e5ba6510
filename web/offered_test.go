package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sohoa"
)

var (
	formTags    = regexp.MustCompile(`<form\b[^>]*>`)
	formActions = regexp.MustCompile(`\baction="(/[^"]*)"`)
	otherAction = regexp.MustCompile(`\bformaction="(/[^"]*)"`)
)

// offered are the links and forms of a page: "GET path" and "POST path".
func offered(page string) []string {
	var all []string
	for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
		all = append(all, "GET "+html.UnescapeString(m[1]))
	}
	for _, form := range formTags.FindAllString(page, -1) {
		if m := formActions.FindStringSubmatch(form); m != nil && strings.Contains(form, `method="post"`) {
			all = append(all, "POST "+html.UnescapeString(m[1]))
		}
	}
	for _, m := range otherAction.FindAllStringSubmatch(page, -1) {
		all = append(all, "POST "+html.UnescapeString(m[1]))
	}
	return all
}

// unsent are forms that are not sent: they end the session, or refuse whoever
// does not know their own password.
var unsent = map[string]bool{"POST /sign-out": true, "POST /account/password": true, "POST /account/confirm": true}

// TestNobodyIsOfferedWhatIsRefused follows every link and sends every form that
// pages offer to somebody of each role: none is answered with a refusal.
func TestNobodyIsOfferedWhatIsRefused(t *testing.T) {
	o := newOffice(t)
	f := furnish(o)
	routes := http.NewServeMux()
	for route := range o.routes() {
		routes.Handle(route, http.NotFoundHandler())
	}
	found := map[sohoa.UserRole]map[string]string{} // what is offered, with where
	for _, v := range f.lookers() {
		if v.role == "" {
			continue
		}
		offers, count := map[string]string{}, map[string]int{}
		found[v.role] = offers
		for _, s := range v.screens {
			for _, offer := range offered(v.get(s.path).body) {
				method, path, _ := strings.Cut(offer, " ")
				r, err := http.NewRequest(method, "http://sohoa.example"+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				_, pattern := routes.Handler(r)
				if offers[offer] == "" && count[pattern] < 2*eachPattern && !unsent[pattern] {
					count[pattern]++
					offers[offer] = s.path
				}
			}
		}
	}
	roles := slices.Clone(sohoa.UserRoles) // administrators, whose forms change most, are the last
	for _, method := range []string{"GET ", "POST "} {
		for _, role := range roles {
			for offer, at := range found[role] {
				path, is := strings.CutPrefix(offer, method)
				if !is {
					continue
				}
				status := 0
				if method == "GET " {
					status = f.people[role].get(path).status
				} else {
					status = f.people[role].post(path, url.Values{}).status
				}
				if status == http.StatusForbidden {
					t.Errorf("%s offers the %s %s, which is refused", at, role, offer)
				}
			}
		}
	}
}
