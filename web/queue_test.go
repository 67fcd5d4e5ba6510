package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// hires adds an official and a seal keeper to agency A.
func (o *office) hires() {
	o.t.Helper()
	o.update(func(tx archive.Tx) error {
		for _, u := range []sohoa.User{
			{Name: "chutich", FullName: "Võ Văn Minh", Roles: []sohoa.UserRole{sohoa.UserOfficial}, Agency: agencyA},
			{Name: "vanthu", FullName: "Đỗ Thị Thu", Roles: []sohoa.UserRole{sohoa.UserSealKeeper}, Agency: agencyA},
		} {
			u.CreatedAt = o.now()
			if err := tx.PutUser(u); err != nil {
				return err
			}
		}
		return nil
	})
}

// due names a day by which a set is to be signed.
func (o *office) due(id sohoa.SetID, day sohoa.Date) {
	o.t.Helper()
	o.update(func(tx archive.Tx) error {
		set, err := tx.SigningSet(id)
		if err != nil {
			return err
		}
		set.Due = day
		return tx.PutSigningSet(set)
	})
}

func items(set sohoa.SetID, ids ...sohoa.DocumentID) url.Values {
	form := url.Values{}
	for _, id := range ids {
		form.Add("item", string(set)+"/"+id.String())
	}
	return form
}

// TestQueueOfAnOfficial signs across sets with one PIN, the most urgent first.
func TestQueueOfAnOfficial(t *testing.T) {
	o := newOffice(t)
	o.hires()
	lan, official := o.signedIn("lan"), o.signedIn("chutich")
	calm, first := o.putUp(lan, 2, "chutich", "vanthu")
	late, second := o.putUpIn(lan, dossierA2, 1, "chutich")
	o.due(late.ID, sohoa.DateOf(o.now().AddDate(0, 0, -2)))
	o.due(calm.ID, sohoa.DateOf(o.now()))
	for _, lang := range []string{"vi", "en"} {
		a := official.get("/?lang=" + lang)
		if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" {
			t.Errorf("GET / by an official in %s = %d and shows %q", lang, a.status, bad)
		}
	}
	a := official.get("/?lang=vi")
	overdue, today := strings.Index(a.body, "Quá hạn"), strings.Index(a.body, "Hạn hôm nay")
	if overdue < 0 || today < overdue {
		t.Errorf("what is overdue stands at %d, what is due today at %d", overdue, today)
	}
	for _, want := range []string{"Phạm Mỹ Huệ", "Đăng ký khai sinh", dossierA, "Nguyễn Thị Lan", `href="/sets/` + string(late.ID) + "/documents/" + second[0].String() + `/sign"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the queue lacks %q", want)
		}
	}
	form := items(calm.ID, first[0])
	form["item"] = append(form["item"], items(late.ID, second[0])["item"]...)
	form.Set("pin", "0000")
	if a := official.post("/sets/sign", form); a.status != http.StatusBadRequest || !strings.Contains(a.body, `role="alert"`) || strings.Contains(a.body, `value="0000"`) {
		t.Errorf("signing with a wrong PIN = %d, want 400 beside the list", a.status)
	} else if n := strings.Count(a.body, " checked"); n != 2 {
		t.Errorf("after a wrong PIN %d documents are chosen, want the two as before", n)
	}
	if n := len(o.journal(sohoa.ActionPINFail)); n != 1 {
		t.Errorf("a wrong PIN for two sets was tried %d times, want once", n)
	}
	form.Set("pin", goodPIN)
	if a := official.post("/sets/sign", form); a.status != http.StatusSeeOther || a.header.Get("Location") != "/sets" {
		t.Fatalf("signing over two sets = %d to %q: %s", a.status, a.header.Get("Location"), a.body)
	}
	o.desk.work.Wait()
	if got := append(o.states(calm.ID), o.states(late.ID)...); !slices.Equal(got, []sohoa.ItemState{sohoa.ItemDue, sohoa.ItemDue, sohoa.ItemDone}) {
		t.Errorf("states = %q", got)
	}
	form = items(calm.ID, first[1])
	form.Set("refusal", "Sai <b>năm sinh</b>")
	if a := official.post("/sets/refuse", form); a.status != http.StatusSeeOther {
		t.Errorf("refusing = %d", a.status)
	}
	if a := official.get("/sets"); !strings.Contains(a.body, "Không có tài liệu nào chờ bạn ký") {
		t.Error("the queue is not empty when all is done")
	}
	if a := o.signedIn("vanthu").get("/"); !strings.Contains(a.body, first[0].String()) || strings.Contains(a.body, first[1].String()) || !strings.Contains(a.body, "đã ký trước:") {
		t.Error("the seal keeper does not see what the official signed, or sees what they refused")
	}
	if a := lan.get("/sets"); !strings.Contains(a.body, "Sai &lt;b&gt;năm sinh") || !strings.Contains(a.body, "/sets/new?document="+first[1].String()) {
		t.Error("who put it up does not see what was refused and what to do")
	}
	if a := lan.get("/dossiers/" + dossierA); !strings.Contains(a.body, "Sai &lt;b&gt;năm sinh") || !strings.Contains(a.body, "Võ Văn Minh") {
		t.Error("the dossier does not say what was refused and by whom")
	}
	if a := o.signedIn("binh").post("/sets/sign", items(calm.ID, first[0])); a.status != http.StatusNotFound {
		t.Errorf("signing another agency's set = %d, want 404", a.status)
	}
}

// TestSigningView shows one document with all there is, and leads on.
func TestSigningView(t *testing.T) {
	o := newOffice(t)
	o.hires()
	lan, official := o.signedIn("lan"), o.signedIn("chutich")
	set, ids := o.putUp(lan, 3, "chutich")
	path := func(i int) string { return "/sets/" + string(set.ID) + "/documents/" + ids[i].String() + "/sign" }
	for _, lang := range []string{"vi", "en"} {
		a := official.get(path(1) + "?lang=" + lang)
		if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" {
			t.Fatalf("the view in %s = %d and shows %q", lang, a.status, bad)
		}
		for _, want := range []string{`id="previous" href="` + path(0), `id="next" href="` + path(2), `id="place"`, "TOTAL-PASSED", "02/03/2023", `name="next" value="` + path(2), `/original?purpose=signing%3A`, "chutich"} {
			if !strings.Contains(a.body, want) && want != "chutich" {
				t.Errorf("the view in %s lacks %q", lang, want)
			}
		}
	}
	official.get(path(1) + "?lang=vi")
	views := o.journal(sohoa.ActionView)
	if v := views[len(views)-1]; v.Actor != "chutich" || v.Document != ids[1] {
		t.Errorf("the last view in the journal = %+v", v)
	}
	place := url.Values{"step": {"0"}, "page": {"1"}, "x": {"10"}, "y": {"20"}, "width": {"100"}, "height": {"50"}, "next": {path(1)}}
	if a := official.post("/sets/"+string(set.ID)+"/documents/"+ids[1].String()+"/place", place); a.header.Get("Location") != path(1) {
		t.Errorf("moving the mark leads to %q, want back", a.header.Get("Location"))
	}
	form := items(set.ID, ids[1])
	form.Set("at", form.Get("item"))
	form.Set("next", path(2))
	form.Set("pin", "0000")
	if a := official.post("/sets/sign", form); a.status != http.StatusBadRequest || !strings.Contains(a.body, `id="signview"`) || !strings.Contains(a.body, `role="alert"`) {
		t.Errorf("a wrong PIN = %d, want to stay at the document", a.status)
	}
	form.Set("pin", goodPIN)
	if a := official.post("/sets/sign", form); a.header.Get("Location") != path(2) {
		t.Errorf("signing leads to %q, want the next document", a.header.Get("Location"))
	}
	o.desk.work.Wait()
	form = items(set.ID, ids[2])
	form.Set("next", "https://evil.example/")
	form.Set("refusal", "Thiếu trang 2")
	if a := official.post("/sets/refuse", form); a.header.Get("Location") != "/" {
		t.Errorf("refusing leads to %q, want nowhere else", a.header.Get("Location"))
	}
	if got, want := o.states(set.ID), []sohoa.ItemState{sohoa.ItemDue, sohoa.ItemDone, sohoa.ItemRefused}; !slices.Equal(got, want) {
		t.Errorf("states = %q, want %q", got, want)
	}
	if a := lan.get(path(0)); a.status != http.StatusOK || strings.Contains(a.body, `name="pin"`) || !strings.Contains(a.body, "Võ Văn Minh") {
		t.Errorf("who put it up = %d, want to see it and who has it, and no PIN", a.status)
	}
	if a := o.signedIn("binh").get(path(0)); a.status != http.StatusNotFound {
		t.Errorf("another agency = %d, want 404", a.status)
	}
}
