package web_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// TestRevokedIsShownEverywhere revokes a result on its page, and looks for it
// wherever it is shown.
func TestRevokedIsShownEverywhere(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := o.printed(lan)
	page := "/documents/" + doc.ID.String()
	if a := lan.get(page); !strings.Contains(a.body, "Còn hiệu lực") {
		t.Error("the page of a result does not say that it is in force")
	}
	form := url.Values{"decision": {"12/QĐ-UBND"}, "reason": {""}, "at": {""}}
	if a := lan.post(page+"/life/revoke", form); a.status != http.StatusBadRequest || !strings.Contains(a.body, `role="alert"`) {
		t.Errorf("revoking without a reason = %d, want 400 with a sentence", a.status)
	}
	form.Set("reason", "cấp sai thẩm quyền")
	if a := lan.post(page+"/life/revoke", form); a.status != http.StatusSeeOther {
		t.Fatalf("revoking = %d %s, want 303", a.status, a.body)
	}
	signed := o.signedFile(lan, doc)
	o.shelf.index.CaughtUp(t.Context())
	for name, path := range map[string]string{"page": page, "dossier": "/dossiers/" + dossierA, "home": "/", "public": "/q/" + doc.Lookup} {
		c := lan
		if name == "public" {
			c = o.stranger()
		}
		for _, lang := range []string{"en", "vi"} {
			a := c.get(path + "?lang=" + lang)
			want := map[string]string{"vi": "Hủy hiệu lực", "en": "Revoked"}[lang]
			if name == "public" {
				want = map[string]string{"vi": "đã bị HỦY", "en": "was REVOKED"}[lang]
			}
			if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" || !strings.Contains(a.body, want) {
				t.Errorf("%s in %s = %d, lacks %q, or shows %q", name, lang, a.status, want, bad)
			}
			if name == "public" && (strings.Contains(a.body, "thẩm quyền") || !strings.Contains(a.body, "12/QĐ-UBND")) {
				t.Error("the public page tells the reason, or not the decision")
			}
		}
	}
	if a := o.stranger().get("/api/v1/lookup/" + doc.Lookup); !strings.Contains(a.body, `"force":"revoked"`) || !strings.Contains(a.body, sohoa.OnPaper(time.Now())) {
		t.Errorf("lookup = %s, want revoked since today", a.body)
	}
	if a := o.stranger().do(http.MethodPost, "/api/v1/verify", bytes.NewReader(signed)); !strings.Contains(a.body, `"force":"revoked"`) {
		t.Errorf("verify of the signed PDF = %d, want it to say that it is revoked", a.status)
	}
	if a := lan.get("/sets/new?document=" + doc.ID.String()); !strings.Contains(a.body, "không còn hiệu lực") {
		t.Errorf("a revoked result is offered for signing: %d", a.status)
	}
	if a := lan.post(page+"/life/lift-hold", url.Values{"at": {"2026-01-01"}, "reason": {"x"}}); a.status != http.StatusForbidden {
		t.Errorf("a clerk lifting a hold = %d, want 403", a.status)
	}
}

// TestDisposalPages goes through a disposal with the pages: proposed by an
// archivist, decided, approved by two others.
func TestDisposalPages(t *testing.T) {
	o := newOffice(t)
	o.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "lan", FullName: "Nguyễn Thị Lan", Roles: []sohoa.UserRole{sohoa.UserClerk, sohoa.UserArchivist}, Agency: agencyA})
	})
	o.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "binh", FullName: "Trần Văn Bình", Roles: []sohoa.UserRole{sohoa.UserArchivist}, Agency: agencyB})
	})
	lan, admin := o.signedIn("lan"), o.signedIn("admin")
	doc := o.printed(lan)
	o.update(func(tx archive.Tx) (err error) {
		if doc, err = tx.Document(doc.ID); err != nil {
			return err
		}
		doc.Life.Retention = sohoa.Retention{Code: sohoa.Retention10, Starts: "2000-01-01", Due: "2010-01-01", Basis: "thử"}
		return tx.PutDocument(doc)
	})
	if a := admin.get("/disposal?year=2010"); !strings.Contains(a.body, doc.ID.String()) || untranslated.MatchString(a.body) {
		t.Errorf("the list of what is due = %d, want the document; %q", a.status, untranslated.FindString(a.body))
	}
	if a := admin.get("/disposal?year=2011"); strings.Contains(a.body, doc.ID.String()) {
		t.Error("the list of another year has the document")
	}
	a := lan.post("/disposal", url.Values{"document": {doc.ID.String()}, "title": {"Hủy 2010"}, "reason": {"hết thời hạn"}})
	at := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(at, "/disposal/") {
		t.Fatalf("proposing = %d %s", a.status, a.body)
	}
	if a := lan.get("/documents/" + doc.ID.String()); !strings.Contains(a.body, "Xem xét hủy") {
		t.Error("the document is not marked")
	}
	decision := url.Values{"verdict-" + doc.ID.String(): {"destroy"}, "members": {"A\nB\nC"}, "minutes": {"01/BB"}, "decision": {"20/QĐ"}, "day": {"2026-11-30"}}
	if a := lan.post(at+"/decide", url.Values{"members": {"A"}}); a.status != http.StatusBadRequest {
		t.Errorf("a council of one = %d, want 400", a.status)
	}
	if a := lan.post(at+"/decide", decision); a.status != http.StatusSeeOther {
		t.Fatalf("deciding = %d %s", a.status, a.body)
	}
	for name, c := range map[string]*client{"the proposer, who is no approver": lan, "a clerk": o.signedIn("lehoa")} {
		if a := c.post(at+"/approve", url.Values{"sure": {"on"}}); a.status != http.StatusForbidden {
			t.Errorf("approval by %s = %d, want 403", name, a.status)
		}
	}
	if a := admin.post(at+"/approve", url.Values{"sure": {"on"}}); a.status != http.StatusSeeOther {
		t.Errorf("approval by an administrator = %d %s", a.status, a.body)
	}
	if a := admin.post(at+"/approve", url.Values{"sure": {"on"}}); a.status != http.StatusConflict {
		t.Errorf("a second approval by the same = %d, want 409", a.status)
	}
	for _, lang := range []string{"en", "vi"} {
		a := admin.get(at + "?lang=" + lang)
		if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" || strings.Count(a.body, `class="block approval"`) != 1 {
			t.Errorf("the disposal in %s = %d, shows %q, want one approval", lang, a.status, bad)
		}
	}
	if a := o.signedIn("binh").get(at); a.status != http.StatusNotFound {
		t.Errorf("the disposal for another agency = %d, want 404", a.status)
	}
}

// TestSchedulePage changes the schedule as an administrator.
func TestSchedulePage(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	if a := o.signedIn("lan").get("/schedule"); a.status != http.StatusForbidden {
		t.Errorf("the schedule for a clerk = %d, want 403", a.status)
	}
	table := "type,name,code,years,basis\ngiay-phep,Giấy phép,07,3,thử\n,Loại khác,01,,thử\n"
	if a := admin.post("/schedule", url.Values{"version": {"0"}, "table": {"nothing"}}); a.status != http.StatusBadRequest || !strings.Contains(a.body, "nothing") {
		t.Errorf("a broken table = %d, want 400 with what was typed", a.status)
	}
	if a := admin.post("/schedule", url.Values{"version": {"0"}, "table": {table}}); a.status != http.StatusSeeOther {
		t.Fatalf("saving = %d %s", a.status, a.body)
	}
	if a := admin.post("/schedule", url.Values{"version": {"0"}, "table": {table}}); a.status != http.StatusConflict {
		t.Errorf("saving over somebody else's = %d, want 409", a.status)
	}
	if a := admin.get("/schedule"); !strings.Contains(a.body, "Giấy phép") || !strings.Contains(a.body, "3 năm") || untranslated.MatchString(a.body) {
		t.Errorf("the schedule = %d %q", a.status, untranslated.FindString(a.body))
	}
	if entries := o.journal(sohoa.ActionSchedule); len(entries) != 1 || entries[0].Actor != "admin" || !strings.Contains(entries[0].Detail, "giay-phep") {
		t.Errorf("the journal has %+v", entries)
	}
}
