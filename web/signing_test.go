package web_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing"
	"sohoa/web"
)

// putUp keeps documents and puts them up for signing by the users named, as
// persons, in order.
func (o *office) putUp(c *client, n int, signers ...string) (sohoa.SigningSet, []sohoa.DocumentID) {
	o.t.Helper()
	return o.putUpIn(c, dossierA, n, signers...)
}

// putUpIn is putUp in a dossier of its own.
func (o *office) putUpIn(c *client, dossier string, n int, signers ...string) (sohoa.SigningSet, []sohoa.DocumentID) {
	o.t.Helper()
	form := url.Values{"title": {"Kết quả ngày 24/11"}}
	var ids []sohoa.DocumentID
	for i := range n {
		doc := c.upload(dossier, fmt.Sprintf("Quyết định %d.jpg", i+1), append(scan(o.t, "quyet-dinh-01.jpg"), byte(i)))
		o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
		o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
		o.shelf.keep(doc.ID)
		ids, form["document"] = append(ids, doc.ID), append(form["document"], doc.ID.String())
	}
	for i, user := range signers {
		form.Set(fmt.Sprintf("part%d", i), string(sohoa.PartPerson))
		form.Set(fmt.Sprintf("user%d", i), user)
	}
	a := c.post("/sets/new", form)
	id := strings.TrimPrefix(a.header.Get("Location"), "/sets/")
	set, err := o.catalog.SigningSet(o.t.Context(), sohoa.Everything, sohoa.SetID(id))
	if a.status != http.StatusSeeOther || err != nil {
		o.t.Fatalf("POST /sets/new = %d to %q, %v; want 303 to the set", a.status, a.header.Get("Location"), err)
	}
	return set, ids
}

// states are the states of a set's documents in order.
func (o *office) states(id sohoa.SetID) []sohoa.ItemState {
	o.t.Helper()
	items, err := o.catalog.SetItems(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	var states []sohoa.ItemState
	for _, i := range items {
		states = append(states, i.State)
	}
	return states
}

func chosen(ids ...sohoa.DocumentID) url.Values {
	form := url.Values{}
	for _, id := range ids {
		form.Add("document", id.String())
	}
	return form
}

func TestSetIsSignedRefusedAndWithdrawn(t *testing.T) {
	o := newOffice(t)
	lan, hoa := o.signedIn("lan"), o.signedIn("lehoa")
	set, ids := o.putUp(lan, 3, "lehoa", "lan")
	path := "/sets/" + string(set.ID)
	if home := hoa.get("/"); !strings.Contains(home.body, "Chờ tôi ký") || !strings.Contains(home.body, path) {
		t.Error("the home page of who is to sign does not show the set")
	}
	if home := lan.get("/"); strings.Contains(home.body, "Chờ tôi ký") {
		t.Error("the home page of who is not to sign yet shows a set that waits")
	}

	form := chosen(ids[0])
	form.Set("pin", "0000")
	if a := hoa.post(path+"/sign", form); a.status != http.StatusBadRequest || !strings.Contains(a.body, `role="alert"`) || strings.Contains(a.body, "0000") {
		t.Errorf("signing with a wrong PIN = %d, want 400 with the reason and without the PIN", a.status)
	}
	form.Set("pin", goodPIN)
	if a := hoa.post(path+"/sign", form); a.status != http.StatusSeeOther || a.header.Get("Location") != path {
		t.Fatalf("signing = %d to %q, want back to the set", a.status, a.header.Get("Location"))
	}
	o.desk.work.Wait()
	form = chosen(ids[1])
	if a := hoa.post(path+"/refuse", form); a.status != http.StatusBadRequest {
		t.Errorf("refusing without a reason = %d, want 400", a.status)
	}
	form.Set("refusal", "Sai họ tên <b>người nhận</b>")
	hoa.post(path+"/refuse", form)
	want := []sohoa.ItemState{sohoa.ItemDue, sohoa.ItemRefused, sohoa.ItemDue}
	if got := o.states(set.ID); !slices.Equal(got, want) {
		t.Errorf("states = %q, want %q", got, want)
	}
	a := lan.get(path)
	for _, want := range []string{"Sai họ tên &lt;b&gt;", "Lê Thị Hòa", `item-mine`, "đã ký 1/3"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the set does not show %q", want)
		}
	}
	if a := lan.post(path+"/refuse", url.Values{"document": {ids[2].String()}, "refusal": {"x"}}); a.status != http.StatusForbidden {
		t.Errorf("refusing what waits for another = %d, want 403", a.status)
	}
	lan.post(path+"/withdraw", url.Values{"whole": {"1"}, "withdrawal": {"Trình nhầm"}})
	want = []sohoa.ItemState{sohoa.ItemWithdrawn, sohoa.ItemRefused, sohoa.ItemWithdrawn}
	if got := o.states(set.ID); !slices.Equal(got, want) {
		t.Errorf("states after the set was withdrawn = %q, want %q", got, want)
	}
	if a := o.signedIn("binh").get(path); a.status != http.StatusNotFound {
		t.Errorf("the set for another agency = %d, want 404", a.status)
	}
	if a := o.stranger().get(path); a.status != http.StatusSeeOther {
		t.Errorf("the set for a stranger = %d, want to the sign-in page", a.status)
	}
}

func TestDelegate(t *testing.T) {
	o := newOffice(t)
	lan, hoa := o.signedIn("lan"), o.signedIn("lehoa")
	set, _ := o.putUp(lan, 1, "lehoa")
	path := "/sets/" + string(set.ID)
	a := hoa.post(path+"/delegate", url.Values{"step": {"0"}, "to": {"lan"}, "reason": {"Đi công tác"}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("delegating = %d, want 303", a.status)
	}
	if a := lan.get(path); !strings.Contains(a.body, "ký thay <bdi>Lê Thị Hòa</bdi>") || !strings.Contains(a.body, "item-mine") {
		t.Error("the set does not say that Lan signs in the place of Hòa")
	}
	if a := hoa.post(path+"/delegate", url.Values{"step": {"7"}}); a.status != http.StatusBadRequest {
		t.Errorf("delegating a step that is not there = %d, want 400", a.status)
	}
}

func TestMarkIsPlaced(t *testing.T) {
	o := newOffice(t)
	lan, hoa := o.signedIn("lan"), o.signedIn("lehoa")
	set, ids := o.putUp(lan, 1, "lehoa")
	path := "/sets/" + string(set.ID) + "/documents/" + ids[0].String() + "/place"
	a := hoa.get(path)
	// 1653 by 2338 pixels at 200 dpi
	if !strings.Contains(a.body, `viewBox="0 0 595.1 841.7"`) || !strings.Contains(a.body, "proposed") {
		t.Errorf("GET place = %d, want the page in points with a proposal", a.status)
	}
	form := url.Values{"step": {"0"}, "page": {"1"}, "x": {"300.04"}, "y": {"500"}, "width": {"120"}, "height": {"60"}}
	if a := hoa.post(path, form); a.status != http.StatusSeeOther {
		t.Errorf("POST place = %d, want 303", a.status)
	}
	items, err := o.catalog.SetItems(t.Context(), set.ID)
	if want := (sohoa.Place{Page: 1, X: 300, Y: 500, Width: 120, Height: 60}); err != nil || items[0].Places[0] != want {
		t.Errorf("places = %v, %v, want %v", items[0].Places, err, want)
	}
	for name, value := range map[string]string{"x": "500", "y": "-1", "width": "0", "height": "NaN", "page": "2", "step": "1"} {
		bad := url.Values{}
		for k, v := range form {
			bad[k] = v
		}
		bad.Set(name, value)
		if a := hoa.post(path, bad); a.status != http.StatusBadRequest && a.status != http.StatusNotFound {
			t.Errorf("POST place with %s=%s = %d, want it refused", name, value, a.status)
		}
	}
	hoa.post(path, url.Values{"step": {"0"}, "rule": {"1"}})
	if items, err := o.catalog.SetItems(t.Context(), set.ID); err != nil || len(items[0].Places) != 0 {
		t.Errorf("places = %v, %v, want none after leaving it to the rule", items[0].Places, err)
	}
}

func TestToolFetchesAndBringsBack(t *testing.T) {
	o := newOffice(t)
	lan, hoa := o.signedIn("lan"), o.signedIn("lehoa")
	set, ids := o.putUp(lan, 2, "lehoa")
	var out struct{ Tickets []web.TicketView }
	body := func(ids ...sohoa.DocumentID) *bytes.Reader {
		b, err := json.Marshal(map[string]any{"documents": ids})
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(b)
	}
	tickets := "/api/v1/sets/" + string(set.ID) + "/tickets"
	hoa.do(http.MethodPost, tickets, body(ids...), "Content-Type", "application/json").decode(t, &out)
	if len(out.Tickets) != 2 {
		t.Fatalf("tickets = %+v, want two", out.Tickets)
	}
	if a := lan.do(http.MethodPost, tickets, body(ids...), "Content-Type", "application/json"); a.status != http.StatusForbidden {
		t.Errorf("tickets for somebody whose turn it is not = %d, want 403", a.status)
	}
	tool := o.stranger() // has no session, and is no browser
	path := out.Tickets[0].Path
	pdf := tool.get(path)
	if pdf.status != http.StatusOK || !strings.HasPrefix(pdf.body, "%PDF-") {
		t.Fatalf("GET %s = %d, want the PDF", path, pdf.status)
	}
	answer := struct {
		Status                        bool
		Message, FileName, FileServer string
	}{}
	bring := func(pdf []byte) {
		t.Helper()
		a := tool.check(path, pdf)
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
			t.Fatalf("POST %s = %d %q, want JSON", path, a.status, a.header.Get("Content-Type"))
		}
		a.decode(t, &answer)
	}
	if bring([]byte("%PDF-1.7 another")); answer.Status || answer.Message == "" {
		t.Errorf("another file = %+v, want it refused with a reason", answer)
	}
	if bring(signPDF(t, o.ca, []byte(pdf.body))); !answer.Status || !strings.HasSuffix(answer.FileServer, ids[0].String()) {
		t.Errorf("the signed file = %+v, want it taken", answer)
	}
	if bring(signPDF(t, o.ca, []byte(pdf.body))); answer.Status {
		t.Error("a ticket was used twice")
	}
	if a := tool.get(path); a.status != http.StatusNotFound {
		t.Errorf("GET of a used ticket = %d, want 404", a.status)
	}
	want := []sohoa.ItemState{sohoa.ItemDone, sohoa.ItemDue}
	if got := o.states(set.ID); !slices.Equal(got, want) {
		t.Errorf("states = %q, want %q", got, want)
	}
}

func TestOnlyTheSetTalksToTheTool(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	set, ids := o.putUp(lan, 1, "lan")
	for path, want := range map[string]bool{"/sets/" + string(set.ID): true, "/sets": false, "/": false, "/documents/" + ids[0].String(): false} {
		policy := lan.get(path).header.Get("Content-Security-Policy")
		if got := strings.Contains(policy, "connect-src 'self' wss://127.0.0.1:8987;"); got != want || strings.Contains(policy, "unsafe") {
			t.Errorf("policy of %s = %q, want the tool's address in it: %t", path, policy, want)
		}
	}
}

func TestTwoPhasesOverHTTP(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	_, ids := o.putUp(lan, 1, "lehoa")
	id, err := o.ca.Agency("Nguyễn Thị Lan")
	if err != nil {
		t.Fatal(err)
	}
	p12, err := id.PKCS12("x")
	if err != nil {
		t.Fatal(err)
	}
	key, err := signing.LoadPKCS12(p12, "x")
	if err != nil {
		t.Fatal(err)
	}
	var certs []string
	for _, c := range append([]*x509.Certificate{id.Certificate}, id.Chain...) {
		certs = append(certs, base64.StdEncoding.EncodeToString(c.Raw))
	}
	send := func(method, path string, v any) answer {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return lan.do(method, path, bytes.NewReader(b), "Content-Type", "application/json")
	}
	a := send(http.MethodPost, "/api/v1/documents/"+ids[0].String()+"/signatures", map[string]any{"part": "operator", "certificates": certs})
	var p web.PreparedView
	a.decode(t, &p)
	if a.status != http.StatusCreated || !bytes.Equal(p.Digest, sumOf(p.SignedAttributes)) || p.Algorithm != string(signing.RSAPKCS1) {
		t.Fatalf("prepare = %d %s, want the digest of the attributes", a.status, a.body)
	}
	values, _, err := key.SignDigests(t.Context(), signing.Algorithm(p.Algorithm), [][]byte{p.Digest})
	if err != nil {
		t.Fatal(err)
	}
	path := a.header.Get("Location")
	if a := send(http.MethodPut, path, map[string]any{"value": []byte("no signature")}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong value = %d %s, want 422", a.status, a.body)
	}
	a = send(http.MethodPut, path, map[string]any{"value": values[0]})
	var doc sohoa.Document
	a.decode(t, &doc)
	if a.status != http.StatusOK || len(doc.Signatures) != 1 {
		t.Errorf("complete = %d %s, want the document with the signature", a.status, a.body)
	}
	if a := send(http.MethodPut, path, map[string]any{"value": values[0]}); a.status != http.StatusNotFound {
		t.Errorf("completing again = %d, want 404", a.status)
	}
	if a := send(http.MethodPost, "/api/v1/documents/"+ids[0].String()+"/signatures", map[string]any{"certificates": []string{"AAAA"}}); a.status != http.StatusBadRequest {
		t.Errorf("prepare with a broken certificate = %d, want 400", a.status)
	}
}

func sumOf(b []byte) []byte {
	d := sohoa.Sum(b)
	return d[:]
}

func TestSetsOverHTTP(t *testing.T) {
	o := newOffice(t)
	lan, hoa := o.signedIn("lan"), o.signedIn("lehoa")
	set, ids := o.putUp(lan, 2, "lehoa")
	path := "/api/v1/sets/" + string(set.ID)
	var list struct{ Sets []archive.SetSummary }
	hoa.get("/api/v1/sets?waiting=true&open=true").decode(t, &list)
	if len(list.Sets) != 1 || list.Sets[0].Waiting != 2 {
		t.Errorf("sets waiting for Hòa = %+v, want one with two documents", list.Sets)
	}
	post := func(path, body string) answer {
		return hoa.do(http.MethodPost, path, strings.NewReader(body), "Content-Type", "application/json")
	}
	a := post(path+"/sign", fmt.Sprintf(`{"pin":%q}`, goodPIN))
	if a.status != http.StatusAccepted || !strings.Contains(a.body, `"documents":2`) {
		t.Errorf("sign = %d %s, want 202 for two documents", a.status, a.body)
	}
	o.desk.work.Wait()
	var view web.SetView
	hoa.get(path).decode(t, &view)
	if len(view.Documents) != 2 || view.Documents[0].State != sohoa.ItemDone {
		t.Errorf("set = %+v, want two documents, done", view)
	}
	if a := hoa.do(http.MethodPut, path+"/documents/"+ids[0].String()+"/places/0", strings.NewReader(`{"page":1,"x":1,"y":1,"width":9999,"height":1}`),
		"Content-Type", "application/json"); a.status != http.StatusBadRequest {
		t.Errorf("a place outside of the page = %d, want 400", a.status)
	}
	for _, bad := range []string{`{}`, `{"title":"x","steps":[],"documents":["x"]}`, `{"title":"x","steps":[{"part":"person","user":"lehoa"}],"documents":["x"]}`} {
		if a := post("/api/v1/sets", bad); a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity {
			t.Errorf("create set of %s = %d, want it refused", bad, a.status)
		}
	}
}

func TestSigningPagesInBothLanguages(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	set, ids := o.putUp(lan, 7, "lan", "lehoa")
	states := []sohoa.ItemState{sohoa.ItemDue, sohoa.ItemSigning, sohoa.ItemStamping, sohoa.ItemDone, sohoa.ItemRefused, sohoa.ItemWithdrawn, sohoa.ItemDue}
	o.update(func(tx archive.Tx) error {
		items, err := tx.SetItems(set.ID)
		if err != nil {
			return err
		}
		for i, item := range items {
			item.State = states[i]
			item.Ended = &sohoa.Decision{By: "lehoa", At: o.now(), Reason: "Sai tên"}
			item.Problem = &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.tsa-unavailable", Args: []string{"http://tsa"}}
			if err := tx.PutSetItem(item); err != nil {
				return err
			}
		}
		return nil
	})
	path := "/sets/" + string(set.ID)
	for _, kind := range []string{"", "file", "token", "remote"} {
		o.desk.kind = kind
		for _, lang := range []string{"vi", "en"} {
			for _, page := range []string{path, path + "/head", path + "/documents/" + ids[0].String(), path + "/documents/" + ids[0].String() + "/place",
				"/sets", "/sets?show=made", "/sets/new", "/sets/new?dossier=" + dossierA, "/sets/new?document=" + ids[0].String(), "/",
				"/documents/" + ids[0].String(), "/dossiers/" + dossierA, "/documents/" + ids[0].String() + "/verdict"} {
				sep := "?"
				if strings.Contains(page, "?") {
					sep = "&"
				}
				a := lan.get(page + sep + "lang=" + lang)
				if bad := untranslated.FindString(a.body); a.status != http.StatusOK || bad != "" {
					t.Errorf("key %q: GET %s in %s = %d and shows %q", kind, page, lang, a.status, bad)
				}
			}
		}
	}
	if a := lan.get(path + "/head"); !strings.Contains(a.body, "Hãy xác nhận trên điện thoại") && !strings.Contains(a.body, "Confirm on your phone") {
		t.Error("the set does not say that a remote service waits")
	}
}
