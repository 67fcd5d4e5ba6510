package web_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// program makes a key of agency A and returns a client that asks with it.
func (o *office) program(name string, scopes ...sohoa.KeyScope) *programClient {
	o.t.Helper()
	return o.programWith(sohoa.APIKey{Name: name, Agencies: []string{agencyA}, Scopes: scopes, Rate: 6000})
}

func (o *office) programWith(k sohoa.APIKey) *programClient {
	o.t.Helper()
	secret := sohoa.NewKeySecret()
	k.Hash, _ = sohoa.HashKeySecret(secret)
	k.CreatedAt = o.now()
	if k.Expires.IsZero() {
		k.Expires = o.now().Add(time.Hour * 24 * 30)
	}
	o.update(func(tx archive.Tx) error { return tx.PutAPIKey(k) })
	return &programClient{client: o.stranger(), secret: secret}
}

// programClient is a program with a key.
type programClient struct {
	*client
	secret string
}

func (p *programClient) call(method, path, body string, header ...string) answer {
	p.t.Helper()
	header = append([]string{"Authorization", "Bearer " + p.secret, "Content-Type", "application/json", "Sec-Fetch-Site", "", "Sohoa-User", "ngoc.lan"}, header...)
	return p.do(method, "/api/v1"+path, strings.NewReader(body), header...)
}

const absentDossier = "H49.64.33-261122-9999"

// offer keeps a result of agency B, which the owner of dossier A holds.
func (o *office) offer(verdict sohoa.ReuseOutcome) sohoa.Document {
	o.t.Helper()
	binh := o.signedIn("binh")
	doc := binh.upload(dossierB, "giấy khai sinh.jpg", scan(o.t, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
	o.shelf.keep(doc.ID)
	o.update(func(tx archive.Tx) (err error) {
		if doc, err = tx.Document(doc.ID); err != nil {
			return err
		}
		doc.Life.Type, doc.Life.Result = "khai-sinh", dossierB+"-KQ1"
		doc.Fields = []sohoa.Field{{Name: sohoa.FieldCodeNumber, Value: "12"}, {Name: sohoa.FieldCodeNotation, Value: "GKS<b>&"}, {Name: sohoa.FieldTypeName, Value: "Giấy khai sinh"}}
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		d, err := tx.Dossier(dossierA)
		if err != nil {
			return err
		}
		d.Owner.IDNumber = "001090012345"
		if err := tx.PutDossier(d); err != nil {
			return err
		}
		return tx.PutProcedure(sohoa.Procedure{Code: d.Procedure, Name: "Đăng ký khai sinh", Requirements: []sohoa.Requirement{
			{Code: "GKS", Name: "Giấy khai sinh", Types: []string{"khai-sinh"}}}})
	})
	checks := []sohoa.ReuseCheck{{Rule: sohoa.RuleOwner, Outcome: sohoa.ReusePass}}
	if verdict != sohoa.ReusePass {
		checks = append(checks, sohoa.ReuseCheck{Rule: sohoa.RuleForce, Outcome: verdict, Because: &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "life.disposal", Detail: "/secret"}})
	}
	o.reuse.held["GKS"] = append(o.reuse.held["GKS"], ingest.Offer{Document: doc, Agency: sohoa.Agency{Code: agencyB, Name: "UBND phường Mũi Né"}, Verdict: verdict, Checks: checks})
	return doc
}

// keyRoute is a route that a key may call.
type keyRoute struct {
	scope        sohoa.KeyScope
	method, path string // %s is a dossier, or a use of one
	body         string
	status       int
}

// Each route by each scope, and by dossiers of the key's agency, of another
// and of nobody.
func TestKeysMayCallTheRoutesOfTheirScope(t *testing.T) {
	o := newOffice(t)
	doc := o.offer(sohoa.ReusePass)
	id := doc.ID.String()
	uses := map[string]string{}
	for dossier, agency := range map[string]string{dossierA: agencyA, dossierB: agencyB} {
		u := sohoa.Reuse{ID: sohoa.NewSetID(o.now()), Dossier: dossier, Requirement: "X" + agency, Document: doc.ID, State: sohoa.ReuseAccepted, At: o.now()}
		o.update(func(tx archive.Tx) error { return tx.PutReuse(u) })
		uses[dossier] = string(u.ID)
	}
	uses[absentDossier] = string(sohoa.NewSetID(o.now()))
	look := `{"SoDinhDanhChuSoHuu":"001090012345","HoTenNguoiYeuCau":"L","SoDinhDanhNguoiYeuCau":"001090054321","KenhThucHien":"1","MaThuTuc":"1.001193","DanhSachDanhMucKetQua":[],"MaHoSo":"%s","MaThanhPhanHoSo":"GKS"}`
	routes := []keyRoute{
		{sohoa.KeyReuse, "GET", "/dossiers/%s", "", 200},
		{sohoa.KeyReuse, "GET", "/dossiers/%s/papers", "", 200},
		{sohoa.KeyLookUp, "GET", "/dossiers/%s/papers/GKS/held", "", 200},
		{sohoa.KeyReuse, "POST", "/dossiers/%s/reuses", `{"requirement":"GKS","document":"` + id + `"}`, 200},
		{sohoa.KeyReuse, "POST", "/dossiers/%s/reuses/declined", `{"requirement":"Z","document":"` + id + `","reason":"outdated"}`, 200},
		{sohoa.KeyReuse, "GET", "/reuses/USE%s", "", 200},
		{sohoa.KeyReuse, "POST", "/reuses/USE%s/seen", `{"note":"x"}`, 200},
		{sohoa.KeyReuse, "POST", "/reuses/USE%s/end", `{"reason":"brought"}`, 200},
		{sohoa.KeyLookUp, "POST", "/national/held", look, 200},
		{sohoa.KeySearch, "GET", "/search?q=quyet+dinh&purpose=%s", "", 200},
		{sohoa.KeySearch, "POST", "/search", `{"q":"quyet dinh","purpose":"%s"}`, 200},
	}
	keys := map[sohoa.KeyScope]*programClient{}
	for _, s := range sohoa.KeyScopes {
		keys[s] = o.program("only-"+string(s), s)
	}
	fill := func(s, dossier string) string {
		s = strings.ReplaceAll(s, "USE%s", uses[dossier])
		if strings.HasPrefix(s, "{") {
			return strings.ReplaceAll(s, "%s", dossier)
		}
		return strings.ReplaceAll(s, "%s", url.PathEscape(dossier))
	}
	for _, r := range routes {
		for scope, p := range keys {
			own := p.call(r.method, fill(r.path, dossierA), fill(r.body, dossierA))
			if scope != r.scope {
				if own.status != http.StatusForbidden || !strings.Contains(own.body, "key.scope") {
					t.Errorf("%s %s with %s = %d %s, want 403", r.method, r.path, scope, own.status, own.body)
				}
				continue
			}
			if own.status != r.status {
				t.Errorf("%s %s with %s = %d %s, want %d", r.method, r.path, scope, own.status, own.body, r.status)
			}
			other := p.call(r.method, fill(r.path, dossierB), fill(r.body, dossierB))
			absent := p.call(r.method, fill(r.path, absentDossier), fill(r.body, absentDossier))
			want := http.StatusNotFound
			if r.scope == sohoa.KeySearch {
				want = http.StatusBadRequest
			}
			same := strings.NewReplacer(dossierB, absentDossier, uses[dossierB], uses[absentDossier]).Replace(other.body) == absent.body
			if other.status != want || absent.status != want || !same {
				t.Errorf("%s %s: of another %d %s, of nobody %d %s; want both %d and the same", r.method, r.path, other.status, other.body, absent.status, absent.body, want)
			}
		}
	}
	var listed struct{ Reuses []struct{ Dossier string } }
	keys[sohoa.KeyReuse].call("GET", "/reuses", "").decode(t, &listed)
	if len(listed.Reuses) == 0 || slices.ContainsFunc(listed.Reuses, func(r struct{ Dossier string }) bool { return r.Dossier != dossierA }) {
		t.Errorf("uses = %+v, want those of %s alone", listed.Reuses, dossierA)
	}
	if a := keys[sohoa.KeyReuse].call("GET", "/reuse-figures?from=2000-01-01&until=2099-12-31", ""); a.status != 200 || strings.Contains(a.body, agencyB) || !strings.Contains(a.body, agencyA) {
		t.Errorf("figures = %d %s, want those of %s alone", a.status, a.body, agencyA)
	}
}

// A key with every scope may call nothing else: no other operation, no page,
// not what is open to strangers.
func TestKeysMayCallNothingElse(t *testing.T) {
	o := newOffice(t)
	doc := o.offer(sohoa.ReusePass)
	p := o.program("all", sohoa.KeyScopes...)
	may := []string{"national-held", "list-held", "put-dossier", "get-dossier", "list-papers", "list-reuses", "get-reuse", "accept-reuse", "decline-reuse",
		"end-reuse", "see-loss", "reuse-figures", "search", "post-search", "list-webhooks", "list-deliveries", "retry-webhook"}
	var spec struct {
		Paths map[string]map[string]struct {
			OperationID string
			Security    []map[string][]string
		}
	}
	o.stranger().get("/openapi.json").decode(t, &spec)
	others := 0
	for path, methods := range spec.Paths {
		for method, op := range methods {
			described := slices.ContainsFunc(op.Security, func(s map[string][]string) bool { return s["key"] != nil })
			if described != slices.Contains(may, op.OperationID) {
				t.Errorf("%s is described as open to keys: %t", op.OperationID, described)
			}
			if described {
				continue
			}
			others++
			filled := strings.NewReplacer("{id}", doc.ID.String(), "{code}", dossierA, "{set}", doc.ID.String(), "{role}", "pdf", "{page}", "1").Replace(path)
			a := p.call(strings.ToUpper(method), strings.TrimPrefix(filled, "/api/v1"), "{}")
			if a.status != http.StatusForbidden || !strings.Contains(a.body, "key.scope") {
				t.Errorf("%s %s with a key = %d %s, want 403 key.scope", method, filled, a.status, a.body)
			}
		}
	}
	if others < 40 {
		t.Errorf("%d other operations were tried, want all of them", others)
	}
	for _, path := range []string{"/", "/search", "/admin", "/dossiers/" + dossierA, "/openapi.json", "/sign-in"} {
		if a := p.do("GET", path, nil, "Authorization", "Bearer "+p.secret); a.status != http.StatusForbidden {
			t.Errorf("GET %s with a key = %d, want 403", path, a.status)
		}
	}
}

func TestKeysAreRefused(t *testing.T) {
	o := newOffice(t)
	good := sohoa.APIKey{Name: "x1", Agencies: []string{agencyA}, Scopes: sohoa.KeyScopes, Rate: 600}
	expired, revoked, elsewhere := good, good, good
	expired.Name, expired.Expires = "x2", o.now().Add(-time.Second)
	revoked.Name, revoked.Revoked = "x3", o.now()
	elsewhere.Name, elsewhere.Networks = "x4", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	here := good
	here.Name, here.Networks = "x5", []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	lan := o.signedIn("lan")
	var first string
	for name, p := range map[string]*programClient{
		"expired": o.programWith(expired), "revoked": o.programWith(revoked), "elsewhere": o.programWith(elsewhere),
		"unknown": {client: o.stranger(), secret: sohoa.NewKeySecret()}, "malformed": {client: o.stranger(), secret: "sohoa_x"},
		"with the session of a clerk": {client: lan, secret: sohoa.NewKeySecret()},
	} {
		a := p.call("GET", "/reuses", "")
		if a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("key that is %s = %d %s, want 401", name, a.status, a.body)
		}
		if first == "" {
			first = a.body
		}
		if a.body != first {
			t.Errorf("key that is %s is answered %s, others %s", name, a.body, first)
		}
	}
	p := o.programWith(here)
	if a := p.call("GET", "/reuses", ""); a.status != 200 {
		t.Errorf("key from its network = %d %s, want 200", a.status, a.body)
	}
	for name, header := range map[string][]string{
		"of another site":           {"Origin", "https://evil.example"},
		"of another site, its user": {"Sec-Fetch-Site", "cross-site"},
	} {
		if a := p.call("PUT", "/dossiers/Q1", `{"procedure":"1.001193","ownerName":"A"}`, header...); a.status != http.StatusForbidden {
			t.Errorf("request %s with a key = %d, want 403", name, a.status)
		}
	}
	for _, who := range []string{strings.Repeat("x", 101), "a\tb\x01"} {
		r, _ := http.NewRequest("GET", o.server.URL+"/api/v1/reuses", nil)
		if strings.Contains(who, "\x01") {
			continue // net/http does not send it
		}
		r.Header.Set("Authorization", "Bearer "+p.secret)
		r.Header.Set("Sohoa-User", who)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("Sohoa-User of %d characters = %d, want 400", len(who), resp.StatusCode)
		}
	}
	fails := o.journal(sohoa.ActionSignFail)
	for _, want := range []string{"api:x2", "api:x3", "api:x4", "unknown"} {
		if !slices.ContainsFunc(fails, func(e sohoa.Entry) bool { return e.Actor == want }) {
			t.Errorf("journal lacks that %s was refused: %+v", want, fails)
		}
	}
	keys, err := o.catalog.APIKeys(t.Context())
	if err != nil || keys[slices.IndexFunc(keys, func(k sohoa.APIKey) bool { return k.Name == "x5" })].LastUse.IsZero() {
		t.Errorf("keys = %+v, %v; want the last use of x5", keys, err)
	}
}

func TestKeysHaveARate(t *testing.T) {
	o := newOffice(t)
	at := time.Now()
	o.now = func() time.Time { return at }
	p := o.programWith(sohoa.APIKey{Name: "slow", Agencies: []string{agencyA}, Scopes: sohoa.KeyScopes, Rate: 40})
	counts := map[int]int{}
	for range 15 {
		counts[p.call("GET", "/reuses", "").status]++
	}
	if counts[200] != 10 || counts[429] != 5 {
		t.Errorf("15 requests at once = %v, want 10 and then 429", counts)
	}
	at = at.Add(3 * time.Second)
	if a := p.call("GET", "/reuses", ""); a.status != 200 {
		t.Errorf("after 3 s = %d, want 200", a.status)
	}
}

func TestARequestThatComesAgainIsAnsweredTheSame(t *testing.T) {
	o := newOffice(t)
	doc := o.offer(sohoa.ReusePass)
	p := o.program("mot-cua", sohoa.KeyReuse)
	body := `{"requirement":"GKS","document":"` + doc.ID.String() + `"}`
	path := "/dossiers/" + dossierA + "/reuses"
	first := p.call("POST", path, body, "Idempotency-Key", "k-1")
	again := p.call("POST", path, body, "Idempotency-Key", "k-1")
	if first.status != 200 || again.body != first.body || again.status != 200 || again.header.Get("Idempotent-Replayed") != "true" ||
		again.header.Get("Content-Type") != first.header.Get("Content-Type") || o.reuse.accepts != 1 {
		t.Errorf("the same twice = %d %s, then %d %s, done %d times; want once, and the same", first.status, first.body, again.status, again.body, o.reuse.accepts)
	}
	for _, f := range []string{`"MaKetQuaThayThe":"` + dossierB + `-KQ1"`, `"DuocTaiSuDung":1`, `"DuocSoHoa":1`, `"DuocLayTuKhoDMQG":0`, `"MaThanhPhanHoSo":"GKS"`} {
		if !strings.Contains(first.body, f) {
			t.Errorf("answer %s lacks %s", first.body, f)
		}
	}
	if a := p.call("POST", path, body+" ", "Idempotency-Key", "k-1"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "idempotency.other") {
		t.Errorf("another body under the same key = %d %s, want 422", a.status, a.body)
	}
	if a := p.call("POST", path+"/declined", body, "Idempotency-Key", "k-1"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("another path under the same key = %d %s, want 422", a.status, a.body)
	}
	q := o.program("other", sohoa.KeyReuse)
	if a := q.call("POST", path, body, "Idempotency-Key", "k-1"); a.header.Get("Idempotent-Replayed") != "" {
		t.Errorf("another program got the answer of the first: %d %s", a.status, a.body)
	}
	for _, bad := range []string{strings.Repeat("x", 256), "a b", "khóa"} {
		if a := p.call("POST", path, body, "Idempotency-Key", bad); a.status != http.StatusBadRequest || !strings.Contains(a.body, "idempotency.key") {
			t.Errorf("Idempotency-Key %q = %d %s, want 400", bad, a.status, a.body)
		}
	}
	now := o.now
	o.now = func() time.Time { return now().Add(25 * time.Hour) }
	if a := p.call("POST", path, body+" ", "Idempotency-Key", "k-1"); a.status == http.StatusUnprocessableEntity {
		t.Errorf("after a day = %d %s, want it done anew", a.status, a.body)
	}
}

func TestOfTwoAtOnceOneIsDone(t *testing.T) {
	o := newOffice(t)
	doc := o.offer(sohoa.ReusePass)
	p := o.program("mot-cua", sohoa.KeyReuse)
	o.reuse.entered, o.reuse.gate = make(chan struct{}), make(chan struct{})
	body := `{"requirement":"GKS","document":"` + doc.ID.String() + `"}`
	path := "/dossiers/" + dossierA + "/reuses"
	var first answer
	var wg sync.WaitGroup
	wg.Go(func() { first = p.call("POST", path, body, "Idempotency-Key", "k") })
	<-o.reuse.entered
	if a := p.call("POST", path, body, "Idempotency-Key", "k"); a.status != http.StatusConflict || !strings.Contains(a.body, "idempotency.busy") {
		t.Errorf("the second of two at once = %d %s, want 409", a.status, a.body)
	}
	close(o.reuse.gate)
	wg.Wait()
	o.reuse.entered = nil
	if again := p.call("POST", path, body, "Idempotency-Key", "k"); first.status != 200 || again.body != first.body || o.reuse.accepts != 1 {
		t.Errorf("first %d %s, afterwards %s, done %d times; want once", first.status, first.body, again.body, o.reuse.accepts)
	}
	// What failed for a fault of ours may be tried again.
	o.reuse.fail = fmt.Errorf("goroutine 1 [running] /secret")
	bad := p.call("POST", path, body, "Idempotency-Key", "k2")
	o.reuse.fail = &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "life.disposal"}
	worse := p.call("POST", path, body, "Idempotency-Key", "k2")
	o.reuse.fail = nil
	kept := p.call("POST", path, body, "Idempotency-Key", "k2")
	if bad.status != 500 || strings.Contains(bad.body, "secret") || worse.status != 409 || kept.status != 409 || kept.body != worse.body {
		t.Errorf("fault %d %s, then %d %s, then %d; want 500 forgotten and 409 kept", bad.status, bad.body, worse.status, worse.body, kept.status)
	}
}

// lookUp is a look-up in the form of the national store.
func lookUp(change map[string]any) string {
	r := map[string]any{"SoDinhDanhChuSoHuu": "001090012345", "HoTenNguoiYeuCau": "Lê Thị Lan", "SoDinhDanhNguoiYeuCau": "001090054321", "KenhThucHien": "1",
		"MaThuTuc": "1.001193", "DanhSachDanhMucKetQua": []any{map[string]any{"MaKetQua": "khai-sinh", "SoKyHieu": "12/gks<b>&"}}, "MaHoSo": dossierA, "MaThanhPhanHoSo": "GKS"}
	for k, v := range change {
		r[k] = v
	}
	b, _ := json.Marshal(r)
	return string(b)
}

// nationalReply is an answer, with result as it stands there.
type nationalReply struct {
	ErrorCode, Message, Signature string
	Result                        json.RawMessage
}

func TestNationalLookUp(t *testing.T) {
	o := newOffice(t)
	at := time.Now()
	o.now = func() time.Time { return at }
	doc := o.offer(sohoa.ReusePass)
	failed := o.reuse.held["GKS"][0]
	failed.Verdict = sohoa.ReuseFail
	o.reuse.held["GKS"] = append(o.reuse.held["GKS"], failed)
	p := o.program("mot-cua", sohoa.KeyLookUp)
	a := p.call("POST", "/national/held", lookUp(nil), "Sohoa-User", "")
	var reply nationalReply
	a.decode(t, &reply)
	var result struct {
		DanhSachGiayToKetQua []struct {
			MaKetQua, TenGiayTo, SoKyHieu, CoQuanChuQuan string
			DanhSachTepDinhKem                           []struct{ TenTep, DuongDan string }
		}
	}
	if err := json.Unmarshal(reply.Result, &result); err != nil || a.status != 200 || reply.ErrorCode != "0" || len(result.DanhSachGiayToKetQua) != 1 {
		t.Fatalf("look-up = %d %s, %v, want one result", a.status, a.body, err)
	}
	got := result.DanhSachGiayToKetQua[0]
	if got.MaKetQua != "khai-sinh" || got.SoKyHieu != "12/GKS<b>&" || got.TenGiayTo != "Giấy khai sinh" || got.CoQuanChuQuan != "UBND phường Mũi Né" || len(got.DanhSachTepDinhKem) != 1 {
		t.Fatalf("result = %+v, want the birth certificate", got)
	}
	wantSigned(t, o, reply)
	// The link needs no key, is for one file, and for minutes.
	link := strings.TrimPrefix(got.DanhSachTepDinhKem[0].DuongDan, o.server.URL)
	if f := o.stranger().get(link); f.status != 200 || !strings.HasPrefix(f.body, "%PDF") {
		t.Errorf("GET of the link = %d, want the PDF", f.status)
	}
	for name, bad := range map[string]string{"cut": link[:len(link)-2], "altered": link[:len(link)-8] + "AAAAAAAA", "other": "/api/v1/national/files/AAAA", "none": "/api/v1/national/files/" + strings.Repeat("A", 3000)} {
		if f := o.stranger().get(bad); f.status != http.StatusNotFound && f.status != http.StatusBadRequest && f.status != http.StatusUnprocessableEntity {
			t.Errorf("GET of a link that is %s = %d, want 404", name, f.status)
		}
	}
	var uses, made int
	for _, e := range o.journal(sohoa.ActionDownload) {
		if e.Actor != "api:mot-cua" || e.Document != doc.ID || !strings.HasPrefix(e.Purpose, dossierA+"/GKS") || !strings.Contains(e.Detail, `"for":"Lê Thị Lan 001•••••••321"`) {
			t.Errorf("entry %+v does not say who, what for and for whom", e)
		}
		if strings.Contains(e.Detail, `"address"`) {
			uses++
		} else {
			made++
		}
	}
	if made != 1 || uses != 1 {
		t.Errorf("%d links and %d uses in the journal, want 1 and 1", made, uses)
	}
	if held := o.journal(sohoa.ActionHeld); len(held) != 1 || held[0].Actor != "api:mot-cua" {
		t.Errorf("look-ups in the journal = %+v, want one", held)
	}
	at = at.Add(10*time.Minute + time.Second)
	if f := o.stranger().get(link); f.status != http.StatusNotFound {
		t.Errorf("GET of the link after 10 minutes = %d, want 404", f.status)
	}
}

// wantSigned checks the signature of a result over its bytes.
func wantSigned(t *testing.T, o *office, reply nationalReply) {
	t.Helper()
	var keys struct {
		Keys []struct{ Kid, X, Crv string }
	}
	o.stranger().get("/api/v1/national/keys").decode(t, &keys)
	parts := strings.Split(reply.Signature, ".")
	if len(parts) != 3 || parts[1] != "" || len(keys.Keys) != 1 {
		t.Fatalf("signature %q, keys %+v; want a JWS without content, and a key", reply.Signature, keys)
	}
	public, err := base64.RawURLEncoding.DecodeString(keys.Keys[0].X)
	if err != nil {
		t.Fatal(err)
	}
	value, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	header, _ := base64.RawURLEncoding.DecodeString(parts[0])
	signed := []byte(parts[0] + "." + base64.RawURLEncoding.EncodeToString(reply.Result))
	if !ed25519.Verify(public, signed, value) || !strings.Contains(string(header), keys.Keys[0].Kid) {
		t.Errorf("signature %s over %s does not verify", reply.Signature, reply.Result)
	}
}

func TestNationalLookUpNeedsAPurpose(t *testing.T) {
	o := newOffice(t)
	o.offer(sohoa.ReusePass)
	for name, tt := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"another owner":     {lookUp(map[string]any{"SoDinhDanhChuSoHuu": "001090099999"}), 404, "national.purpose"},
		"another's dossier": {lookUp(map[string]any{"MaHoSo": dossierB}), 404, "national.purpose"},
		"no such dossier":   {lookUp(map[string]any{"MaHoSo": absentDossier}), 404, "national.purpose"},
		"another procedure": {lookUp(map[string]any{"MaThuTuc": "9"}), 404, "national.purpose"},
		"no dossier":        {lookUp(map[string]any{"MaHoSo": ""}), 400, "national.request"},
		"no paper":          {lookUp(map[string]any{"MaThanhPhanHoSo": " "}), 400, "national.request"},
		"no requester":      {lookUp(map[string]any{"HoTenNguoiYeuCau": nil}), 400, "national.request"},
		"no number":         {lookUp(map[string]any{"SoDinhDanhChuSoHuu": "x' OR 1=1"}), 400, "national.request"},
		"too long":          {lookUp(map[string]any{"KenhThucHien": strings.Repeat("x", 301)}), 400, "national.request"},
		"a number":          {lookUp(map[string]any{"MaHoSo": 7}), 400, "national.request"},
		"an object":         {lookUp(map[string]any{"DanhSachDanhMucKetQua": map[string]any{}}), 400, "national.request"},
		"too many kinds":    {lookUp(map[string]any{"DanhSachDanhMucKetQua": make([]map[string]any, 101)}), 400, "national.request"},
		"no JSON":           {`{"SoDinhDanhChuSoHuu":`, 400, "national.request"},
		"two values":        {lookUp(nil) + lookUp(nil), 400, "national.request"},
		"no UTF-8":          {strings.Replace(lookUp(nil), "khai-sinh", "\xff\xfe", 1), 400, "national.request"},
		"nothing":           {"null", 400, "national.request"},
		"deep":              {strings.Repeat("[", 20_000), 400, "national.request"},
	} {
		p := o.program("k"+fmt.Sprint(len(name)), sohoa.KeyLookUp)
		a := p.call("POST", "/national/held", tt.body)
		var reply nationalReply
		a.decode(t, &reply)
		if a.status != tt.status || reply.ErrorCode != tt.code || reply.Message == "" || string(reply.Result) != "null" || strings.Contains(a.body, "goroutine") {
			t.Errorf("%s: %d %s, want %d with errorCode %s", name, a.status, a.body, tt.status, tt.code)
		}
	}
	p := o.program("great", sohoa.KeyLookUp)
	if a := p.call("POST", "/national/held", lookUp(map[string]any{"x": strings.Repeat("x", 70_000)})); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("70 KB = %d %s, want 413", a.status, a.body)
	}
}

// Whoever guesses which owners there are has to wait, and so do right look-ups
// of that key.
func TestGuessingIsSlowedDown(t *testing.T) {
	o := newOffice(t)
	o.offer(sohoa.ReusePass)
	p := o.program("mot-cua", sohoa.KeyLookUp, sohoa.KeyReuse)
	counts := map[int]int{}
	for i := range 12 {
		counts[p.call("POST", "/national/held", lookUp(map[string]any{"SoDinhDanhChuSoHuu": fmt.Sprintf("0010900%05d", i)})).status]++
	}
	if counts[404] != 10 || counts[429] != 2 {
		t.Errorf("12 guesses = %v, want 10 and then 429", counts)
	}
	if a := p.call("POST", "/national/held", lookUp(nil)); a.status != http.StatusTooManyRequests {
		t.Errorf("a right look-up after guessing = %d, want 429", a.status)
	}
	if n := len(o.journal(sohoa.ActionDeny)); n != 10 {
		t.Errorf("%d refusals in the journal, want 10", n)
	}
}

func TestPutDossier(t *testing.T) {
	o := newOffice(t)
	p := o.program("mot-cua", sohoa.KeyReuse)
	body := `{"procedure":"1.001193","ownerName":"Lê Văn A","ownerId":"001090012345","ownerBirth":"1990-01-02","subject":"Khai sinh"}`
	for i, want := range []int{201, 200, 200} {
		a := p.call("PUT", "/dossiers/M-1", body)
		var d sohoa.Dossier
		a.decode(t, &d)
		if a.status != want || d.Agency != agencyA || d.Owner.BirthDate != "1990-01-02" || d.CreatedBy != "api:mot-cua" {
			t.Errorf("put %d = %d %s, want %d", i, a.status, a.body, want)
		}
	}
	if a := p.call("PUT", "/dossiers/M-1", strings.Replace(body, "Khai sinh", "Trích lục", 1)); a.status != 200 || !strings.Contains(a.body, "Trích lục") {
		t.Errorf("another subject = %d %s, want 200", a.status, a.body)
	}
	made, set := o.journal(sohoa.ActionDossier), o.journal(sohoa.ActionDossierSet)
	if len(made) != 1 || len(set) != 1 || made[0].Actor != "api:mot-cua" || !strings.Contains(made[0].Detail, "ngoc.lan") || !strings.Contains(set[0].Detail, `"changed":["subject"]`) {
		t.Errorf("journal = %+v and %+v, want one entry each with the user", made, set)
	}
	for name, tt := range map[string]struct {
		path, body string
		status     int
	}{
		"another's":         {"/dossiers/" + url.PathEscape(dossierB), body, 409},
		"for another":       {"/dossiers/M-2", strings.Replace(body, "{", `{"agency":"`+agencyB+`",`, 1), 400},
		"a bad birth date":  {"/dossiers/M-2", strings.Replace(body, "1990-01-02", "1990-13-02", 1), 400},
		"no procedure":      {"/dossiers/M-2", strings.Replace(body, "1.001193", "nix", 1), 400},
		"of who reuses":     {"/dossiers/M-1", strings.Replace(body, "Lê Văn A", "Lê Văn B", 1), 409},
		"a bad number":      {"/dossiers/M-2", strings.Replace(body, "001090012345", "12a", 1), 400},
		"an unknown member": {"/dossiers/M-2", strings.Replace(body, "{", `{"admin":true,`, 1), 422},
		"no JSON":           {"/dossiers/M-2", "x", 400},
	} {
		if a := p.call("PUT", tt.path, tt.body); a.status != tt.status {
			t.Errorf("%s: %d %s, want %d", name, a.status, a.body, tt.status)
		}
	}
	counts := map[int]int{}
	for i := range 12 {
		counts[p.call("PUT", "/dossiers/M-1", strings.Replace(body, "001090012345", fmt.Sprintf("0010900%05d", i), 1)).status]++
	}
	if counts[200] != 10 || counts[429] != 2 {
		t.Errorf("12 owners of one dossier = %v, want 10 and then 429", counts)
	}
}

func TestHeldOffersShowEachRule(t *testing.T) {
	o := newOffice(t)
	o.offer(sohoa.ReuseFail)
	p := o.program("mot-cua", sohoa.KeyLookUp)
	a := p.call("GET", "/dossiers/"+dossierA+"/papers/GKS/held", "")
	for _, want := range []string{`"rule":"force"`, `"outcome":"fail"`, `"code":"life.disposal"`, `"verdict":"fail"`, `"files":[]`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("offers = %d %s, want %s", a.status, a.body, want)
		}
	}
	if strings.Contains(a.body, "secret") {
		t.Errorf("offers = %s tell what is for the log", a.body)
	}
	if e := o.journal(sohoa.ActionHeld); len(e) != 1 || e[0].Actor != "api:mot-cua" || !strings.Contains(e[0].Detail, "ngoc.lan") {
		t.Errorf("journal = %+v, want the look-up with the user of the program", e)
	}
}

func TestWebhooksOfAKey(t *testing.T) {
	o := newOffice(t)
	p := o.program("mot-cua", sohoa.KeyWebhook)
	mine := sohoa.Webhook{ID: sohoa.NewSetID(o.now()), URL: "https://mc.example/h", Key: "mot-cua", Events: sohoa.HookEvents, Secret: "whsec_secret",
		Disabled: o.now(), Problem: &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "hook.unreachable", Detail: "10.0.0.1"}}
	other := mine
	other.ID, other.Key = sohoa.NewSetID(o.now().Add(time.Second)), "another"
	o.update(func(tx archive.Tx) error {
		for _, h := range []sohoa.Webhook{mine, other} {
			if err := tx.PutWebhook(h); err != nil {
				return err
			}
			d := sohoa.Delivery{Hook: h.ID, Number: 1, Event: sohoa.HookRevoked, Body: json.RawMessage(`{}`), State: sohoa.DeliveryFailed, Made: o.now(), Attempts: 14}
			if err := tx.PutDelivery(d); err != nil {
				return err
			}
		}
		return nil
	})
	if a := p.call("GET", "/webhooks", ""); a.status != 200 || !strings.Contains(a.body, string(mine.ID)) || strings.Contains(a.body, string(other.ID)) || strings.Contains(a.body, "secret") || strings.Contains(a.body, "10.0.0.1") {
		t.Errorf("webhooks = %d %s, want those of the key, without secrets", a.status, a.body)
	}
	for _, tt := range []struct{ method, path string }{{"GET", "/deliveries"}, {"POST", "/retry"}} {
		own := p.call(tt.method, "/webhooks/"+string(mine.ID)+tt.path, "")
		others := p.call(tt.method, "/webhooks/"+string(other.ID)+tt.path, "")
		absent := p.call(tt.method, "/webhooks/"+string(sohoa.NewSetID(o.now()))+tt.path, "")
		if own.status != 200 || others.status != 404 || absent.status != 404 {
			t.Errorf("%s %s = %d, of another %d, of nobody %d; want 200, 404, 404", tt.method, tt.path, own.status, others.status, absent.status)
		}
	}
	all, err := o.catalog.Deliveries(t.Context(), archive.DeliveryQuery{State: sohoa.DeliveryPending})
	if err != nil || len(all) != 1 || all[0].Hook != mine.ID || all[0].Attempts != 0 {
		t.Errorf("pending = %+v, %v, want that of the key to be sent again", all, err)
	}
	for who, want := range map[string]bool{"lan": false, "admin": true} {
		if a := o.signedIn(who).get("/api/v1/webhooks"); strings.Contains(a.body, string(mine.ID)) != want {
			t.Errorf("webhooks for %s = %s, shown: want %t", who, a.body, want)
		}
	}
}
