package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// TestMuchReadingIsFlagged opens more papers than work takes, through two
// servers that share a catalogue, and closes the flag as an inspector.
func TestMuchReadingIsFlagged(t *testing.T) {
	o := newOffice(t)
	o.update(func(tx archive.Tx) error {
		for _, u := range []sohoa.User{
			{Name: "thanhtra", FullName: "Thanh tra A", Roles: []sohoa.UserRole{sohoa.UserInspector}, Agency: agencyA},
			{Name: "thanhtrab", FullName: "Thanh tra B", Roles: []sohoa.UserRole{sohoa.UserInspector}, Agency: agencyB},
		} {
			u.CreatedAt = o.now()
			if err := tx.PutUser(u); err != nil {
				return err
			}
		}
		return nil
	})
	lan, inspector, other := o.signedIn("lan"), o.signedIn("thanhtra"), o.signedIn("thanhtrab")
	doc := lan.upload(dossierA, "x.jpg", scan(t, "to-khai-01.jpg"))
	var ids []sohoa.DocumentID
	for i := range sohoa.MaxReadPersons + 1 {
		o.update(func(tx archive.Tx) error {
			d := doc
			d.ID, d.Dossier, d.AcceptedBy, d.Digest = sohoa.NewDocumentID(o.now()), fmt.Sprintf("%s-%03d", dossierA, i), "lehoa", sohoa.Sum([]byte{byte(i)})
			ids = append(ids, d.ID)
			dossier := sohoa.Dossier{Code: d.Dossier, Procedure: "1.001193", Agency: agencyA, Owner: sohoa.Owner{Name: "An", IDNumber: fmt.Sprintf("0010900%05d", i)}, CreatedAt: o.now(), CreatedBy: "lehoa"}
			if err := tx.PutDossier(dossier); err != nil {
				return err
			}
			return tx.PutDocument(d)
		})
	}
	for _, id := range ids[1:] {
		lan.get("/api/v1/documents/" + id.String())
	}
	if a := inspector.get("/flags"); a.status != http.StatusOK || !strings.Contains(a.body, "Không có cảnh báo nào.") {
		t.Fatalf("GET /flags before = %d, want none", a.status)
	}
	lan.get("/documents/" + ids[0].String() + "?purpose=" + dossierA)
	a := inspector.get("/flags")
	flags, err := o.catalog.Flags(t.Context(), sohoa.Everything, archive.FlagQuery{Open: true})
	if err != nil || len(flags) != 1 || !strings.Contains(a.body, "Nguyễn Thị Lan") || !strings.Contains(a.body, "101 giấy tờ, của 101 người") || untranslated.MatchString(a.body) {
		t.Fatalf("GET /flags = %d with %d flags, %v: %s", a.status, len(flags), err, a.body)
	}
	behind := inspector.get(strings.ReplaceAll(address(t, a.body, `class="button" href="(/journal[^"]*)"`), "&amp;", "&"))
	if behind.status != http.StatusOK || strings.Count(behind.body, "<bdi>lan</bdi>") < 50 {
		t.Errorf("the entries behind it = %d, want lan's", behind.status)
	}
	at := "/flags/" + string(flags[0].ID) + "/close"
	if a := other.get("/flags"); strings.Contains(a.body, "Nguyễn Thị Lan") {
		t.Error("an inspector of another agency sees it")
	}
	for name, tt := range map[string]struct {
		who    *client
		note   string
		status int
	}{
		"an inspector of another agency": {other, "x", http.StatusNotFound},
		"a clerk":                        {lan, "x", http.StatusForbidden},
		"without a note":                 {inspector, " ", http.StatusBadRequest},
	} {
		if a := tt.who.post(at, url.Values{"note": {tt.note}}); a.status != tt.status {
			t.Errorf("closing by %s = %d, want %d", name, a.status, tt.status)
		}
	}
	o.update(func(tx archive.Tx) error { // whoever is flagged administers
		return tx.PutUser(sohoa.User{Name: "lan", FullName: "Nguyễn Thị Lan", Roles: []sohoa.UserRole{sohoa.UserAdmin}, Agency: agencyA})
	})
	if a := lan.post(at, url.Values{"note": {"không sao"}}); a.status != http.StatusForbidden || !strings.Contains(a.body, "chính mình") {
		t.Errorf("closing one's own = %d, want 403 that says why", a.status)
	}
	if a := inspector.post(at, url.Values{"note": {"kiểm kê theo <b>kế hoạch"}}); a.status != http.StatusSeeOther {
		t.Errorf("closing = %d, want 303", a.status)
	}
	if a := inspector.get("/flags?lang=en"); !strings.Contains(a.body, "kiểm kê theo &lt;b&gt;kế hoạch") || strings.Contains(a.body, at) {
		t.Error("the closed flag does not show its note, or can be closed again")
	}
	if n := len(o.journal(sohoa.ActionFlagClosed)); n != 1 {
		t.Errorf("%d entries about its end, want one", n)
	}
}
