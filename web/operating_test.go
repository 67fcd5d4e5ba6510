package web_test

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/hooks"
	"sohoa/web"
)

// park adds parked documents to a dossier.
func (o *office) park(dossier string, n int, stage sohoa.Stage, code string) []sohoa.Document {
	o.t.Helper()
	var all []sohoa.Document
	o.update(func(tx archive.Tx) error {
		all = nil
		for range n {
			id := sohoa.NewDocumentID(o.now())
			d := sohoa.Document{ID: id, Dossier: dossier, Name: "giay-" + dossier + ".jpg", Digest: sohoa.Sum([]byte(id.String())), State: sohoa.StateParked, Stage: stage,
				Problem: &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: code, Args: []string{"x"}}, AcceptedAt: o.now(), AcceptedBy: "lan"}
			if err := tx.PutDocument(d); err != nil {
				return err
			}
			e := sohoa.Entry{Actor: "system", Action: sohoa.ActionPark, Document: id, Dossier: dossier}
			if _, err := tx.Append(e); err != nil {
				return err
			}
			all = append(all, d)
		}
		return nil
	})
	return all
}

func (o *office) parkedNow(scope sohoa.Scope) int {
	o.t.Helper()
	found, err := o.catalog.FindParked(o.t.Context(), scope, archive.ParkedQuery{Limit: 10_000})
	if err != nil {
		o.t.Fatal(err)
	}
	return len(found)
}

func TestParkedWorkIsRetriedByReason(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	o.park(dossierA, 60, sohoa.StageSplit, "sign.no-tsa")
	key := o.park(dossierB, 2, sohoa.StageSign, "sign.no-key")
	page := admin.get("/admin/queue")
	for _, want := range []string{"62 tài liệu đang dừng.", "Làm lại tất cả (60)", "Làm lại tất cả (2)", "dừng từ "} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q: %s", want, page.body)
		}
	}
	next := regexp.MustCompile(`href="(/admin/queue\?after=[^"]*)"`).FindStringSubmatch(page.body)
	if next == nil {
		t.Fatalf("there is no next page: %s", page.body)
	}
	if second := admin.get(next[1]); strings.Count(second.body, `name="document"`) != 12 {
		t.Errorf("the second page lists %d, want 12", strings.Count(second.body, `name="document"`))
	}
	if of := admin.get("/admin/queue?agency=" + agencyB); strings.Count(of.body, `name="document"`) != 2 || strings.Contains(of.body, "giay-"+dossierA) {
		t.Errorf("the filter by agency: %s", of.body)
	}

	a := admin.post("/admin/queue/retry", url.Values{"act": {"chosen"}, "document": {key[0].ID.String()}})
	if a.header.Get("Location") != "/admin/queue?&retried=1" || o.parkedNow(sohoa.Everything) != 61 {
		t.Errorf("one = %d to %q, %d are parked", a.status, a.header.Get("Location"), o.parkedNow(sohoa.Everything))
	}
	a = admin.post("/admin/queue/retry", url.Values{"act": {"all"}, "stage": {"split"}, "reason": {"sign.no-tsa"}})
	if !strings.HasSuffix(a.header.Get("Location"), "retried=60") || o.parkedNow(sohoa.Everything) != 1 {
		t.Errorf("all of a reason = %d to %q, %d are parked", a.status, a.header.Get("Location"), o.parkedNow(sohoa.Everything))
	}
	if got := o.journal(sohoa.ActionRetry); len(got) != 61 || got[60].Actor != "admin" {
		t.Errorf("the journal has %d retries, want 61 by admin", len(got))
	}
	o.update(func(tx archive.Tx) error {
		return tx.Enqueue(archive.Job{Stage: sohoa.StageCompose, Document: key[0].ID}, archive.Job{Stage: sohoa.StageCompose, Document: key[1].ID})
	})
	if page := admin.get("/admin/queue"); !strings.Contains(page.body, `<th scope="row">Tạo PDF/A</th><td>2</td>`) {
		t.Errorf("the jobs that wait are not counted: %s", page.body)
	}
}

func TestParkedWorkOfAnotherAgencyIsNotThere(t *testing.T) {
	o := newOffice(t)
	o.update(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: "quantri", FullName: "Quản trị A", Roles: []sohoa.UserRole{sohoa.UserAdmin}, Agency: agencyA, CreatedAt: o.now()})
	})
	of := o.signedIn("quantri")
	doc := o.park(dossierB, 1, sohoa.StageSign, "sign.no-key")[0]
	if page := of.get("/admin/queue"); strings.Contains(page.body, doc.ID.String()) || !strings.Contains(page.body, "Không có tài liệu nào đang dừng.") {
		t.Errorf("it is shown: %s", page.body)
	}
	if a := of.post("/admin/queue/retry", url.Values{"document": {doc.ID.String()}}); a.status != http.StatusNotFound {
		t.Errorf("retrying it = %d, want 404", a.status)
	}
	if a := of.post("/admin/queue/retry", url.Values{"act": {"all"}}); a.status != http.StatusSeeOther || o.parkedNow(sohoa.Everything) != 1 {
		t.Errorf("retrying all = %d, %d are parked, want 1", a.status, o.parkedNow(sohoa.Everything))
	}
}

// newOperated is an office of which the server knows what only the program
// does.
func newOperated(t *testing.T, parts []web.HealthPart) *office {
	o := newOffice(t)
	o.reconfigure(func(cfg *web.Config) {
		cfg.Health = func(context.Context) []web.HealthPart { return parts }
		cfg.Settings = []web.Setting{{Name: "s3-secret-key", Variable: "SOHOA_S3_SECRET_KEY", Meaning: "S3 secret key", Value: "(set)", From: "variable"},
			{Name: "agency", Variable: "SOHOA_AGENCY", Default: "H00.00", Value: "<b>H49</b>", From: "file"}}
		policy, err := hooks.ParsePolicy([]string{"mc.example"})
		if err != nil {
			t.Fatal(err)
		}
		cfg.Hooks = hooks.New(hooks.Config{Catalog: o.catalog, Policy: policy, Now: cfg.Now})
	})
	return o
}

func TestHealthIsToldToWhoMayKnow(t *testing.T) {
	o := newOperated(t, []web.HealthPart{{Name: "disk", State: web.HealthWarn, Value: "1.5 GB", Problem: &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "health.disk", Args: []string{"1.5 GB"}}}})
	if a := o.stranger().get("/healthz"); a.status != http.StatusOK || a.body != "ok\n" {
		t.Errorf("/healthz = %d %q, want ok", a.status, a.body)
	}
	if a := o.stranger().get("/api/v1/health"); a.status != http.StatusUnauthorized {
		t.Errorf("/api/v1/health of a stranger = %d, want 401", a.status)
	}
	if a := o.signedIn("lan").get("/api/v1/health"); a.status != http.StatusForbidden {
		t.Errorf("/api/v1/health of a clerk = %d, want 403", a.status)
	}
	admin := o.signedIn("admin")
	var got struct {
		State string
		Parts []struct{ Name, State, Value, Code, Because string }
	}
	admin.get("/api/v1/health").decode(t, &got)
	found := map[string]string{}
	for _, p := range got.Parts {
		found[p.Name] = p.State + " " + p.Code
	}
	if got.State != "bad" || found["store.second"] != "bad copy.other-store" || found["disk"] != "warn health.disk" || found["database"] != "good " || found["queue"] != "good " {
		t.Errorf("/api/v1/health = %+v", got)
	}
	for _, path := range []string{"/admin", "/admin/health"} {
		if page := admin.get(path); !strings.Contains(page.body, "chỉ còn trống 1.5 GB") {
			t.Errorf("%s does not say that the disk is full: %s", path, page.body)
		}
	}
	o.catalog.Close()
	o.later()
	if a := o.stranger().get("/healthz"); a.status == http.StatusOK {
		t.Errorf("/healthz without a database = %d %q", a.status, a.body)
	}
}

func TestSettingsAreShown(t *testing.T) {
	page := newOperated(t, nil).signedIn("admin").get("/admin/settings")
	for _, want := range []string{"SOHOA_S3_SECRET_KEY", "(set)", "biến môi trường", "&lt;b&gt;H49&lt;/b&gt;", "tệp thiết lập"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page lacks %q: %s", want, page.body)
		}
	}
}

func TestKeysAndWebhooksAreMadeOnPages(t *testing.T) {
	o := newOperated(t, nil)
	admin := o.signedIn("admin")
	form := url.Values{"name": {"motcua"}, "scope": {"look-up", "webhook"}, "agency": {agencyA}, "days": {"30"}, "rate": {"60"}, "networks": {"127.0.0.0/8, ::1/128"}}
	bad := url.Values{"name": {"motcua"}, "scope": {"look-up"}, "agency": {agencyA}, "days": {"ba mươi"}, "rate": {"60"}}
	if a := admin.post("/admin/keys", bad); a.status != http.StatusBadRequest || !strings.Contains(a.body, `value="ba mươi"`) {
		t.Errorf("days that are none = %d, want 400 with what was typed", a.status)
	}
	made := admin.post("/admin/keys", form)
	secret := regexp.MustCompile(`sohoa_[0-9a-z]{52}`).FindString(made.body)
	if made.status != http.StatusOK || secret == "" {
		t.Fatalf("making a key = %d: %s", made.status, made.body)
	}
	if page := admin.get("/admin/keys"); strings.Contains(page.body, secret) || !strings.Contains(page.body, "motcua") {
		t.Errorf("the secret is shown again, or the key is not: %s", page.body)
	}
	if a := admin.post("/admin/keys", form); a.status != http.StatusConflict {
		t.Errorf("a second key of the name = %d, want 409", a.status)
	}
	if a := o.stranger().get("/api/v1/webhooks", "Authorization", "Bearer "+secret); a.status != http.StatusOK {
		t.Errorf("asking with the key = %d: %s", a.status, a.body)
	}

	if a := admin.post("/admin/webhooks", url.Values{"url": {"https://elsewhere.example/"}, "key": {"motcua"}, "event": {"result.revoked"}}); a.status != http.StatusForbidden && a.status != http.StatusBadRequest {
		t.Errorf("a host that is not allowed = %d", a.status)
	}
	hook := admin.post("/admin/webhooks", url.Values{"url": {"https://mc.example/hook"}, "key": {"motcua"}, "event": {"result.revoked"}})
	all, err := o.catalog.Webhooks(t.Context())
	if err != nil || len(all) != 1 || !strings.Contains(html.UnescapeString(hook.body), all[0].Secret) {
		t.Fatalf("adding a webhook = %d, %v, %v: %s", hook.status, all, err, hook.body)
	}
	at := "/admin/webhooks/" + string(all[0].ID)
	if page := admin.get(at); strings.Contains(page.body, all[0].Secret) || !strings.Contains(page.body, "Kết quả bị thu hồi") {
		t.Errorf("its page: %s", page.body)
	}
	if a := admin.post(at+"/retry", nil); a.status != http.StatusSeeOther {
		t.Errorf("retrying it = %d", a.status)
	}
	if a := admin.post(at+"/remove", nil); a.status != http.StatusSeeOther {
		t.Errorf("removing it = %d", a.status)
	}
	if a := admin.get(at); a.status != http.StatusNotFound {
		t.Errorf("a webhook that is gone = %d, want 404", a.status)
	}

	if a := admin.post("/admin/keys/motcua/revoke", nil); a.status != http.StatusSeeOther {
		t.Errorf("revoking = %d", a.status)
	}
	if a := o.stranger().get("/api/v1/webhooks", "Authorization", "Bearer "+secret); a.status == http.StatusOK {
		t.Errorf("asking with the revoked key = %d", a.status)
	}
	if a := admin.post("/admin/keys/nobody/revoke", nil); a.status != http.StatusNotFound {
		t.Errorf("revoking a key that is not there = %d, want 404", a.status)
	}
	if _, err := o.catalog.KeyByHash(t.Context(), sohoa.Sum([]byte("x"))); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("a key that nobody made: %v", err)
	}
}
