package signing_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"sohoa/archive/pdfa"
	"sohoa/signing"
	"sohoa/signing/evidence"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// lab is an authority that can be reached, with a clock that can be moved.
type lab struct {
	*testca.Authority
	url    string
	time   atomic.Pointer[time.Time]
	hidden atomic.Value // path that is not found
	tsa    *signing.TSA
	source *evidence.Collector
	key    *signing.Key
}

func newLab(t testing.TB, opts ...testca.Option) *lab {
	t.Helper()
	return newLabAt(t, moment, opts...)
}

// newLabAt is a lab whose authority begins at a time.
func newLabAt(t testing.TB, at time.Time, opts ...testca.Option) *lab {
	t.Helper()
	l := &lab{}
	var handler atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == l.hidden.Load() {
			http.NotFound(w, r)
			return
		}
		handler.Load().(http.Handler).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	l.url = server.URL
	l.moveTo(at)
	var err error
	if l.Authority, err = testca.NewAt(l.now, server.URL); err != nil {
		t.Fatal(err)
	}
	handler.Store(l.Handler())
	id, err := l.Person("Nguyễn Vĩnh Nghĩa", "UBND tỉnh Hà Tĩnh", append([]testca.Option{testca.WithKey(testca.P256)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	l.key = &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain}
	l.tsa = &signing.TSA{URLs: []string{server.URL + "/tsa"}, Roots: l.Pool()}
	l.source = l.collector()
	return l
}

// collector is a new one, which knows nothing yet.
func (l *lab) collector() *evidence.Collector {
	return &evidence.Collector{Roots: l.Pool(), Hosts: []string{"127.0.0.1"}, Now: l.now}
}

func (l *lab) now() time.Time         { return *l.time.Load() }
func (l *lab) moveTo(t time.Time)     { l.time.Store(&t) }
func years(n int) time.Time           { return moment.AddDate(n, 0, 0) }
func reader(pdf []byte) *bytes.Reader { return bytes.NewReader(pdf) }

func (l *lab) sign(t testing.TB, pdf []byte, level signing.Level) ([]byte, signing.Result) {
	t.Helper()
	return signWith(t, pdf, l.key, signing.Request{Level: level, Evidence: l.source, Time: l.now()}, l.tsa)
}

// renew adds evidence and a document timestamp.
func (l *lab) renew(t testing.TB, pdf []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	res, err := signing.Renew(t.Context(), reader(pdf), int64(len(pdf)), &out, l.tsa, l.source)
	if err != nil || res.Level != signing.LevelLTA || res.Size != int64(out.Len()) || res.TimestampTime.IsZero() {
		t.Fatalf("Renew = %+v, %v", res, err)
	}
	return out.Bytes()
}

// wantLevel fails unless our validator, which fetches nothing, passes every
// signature at the time, the first at level.
func (l *lab) wantLevel(t testing.TB, pdf []byte, at time.Time, level signing.Level) {
	t.Helper()
	r, err := validation.Validate(t.Context(), reader(pdf), int64(len(pdf)), validation.Options{
		Now: at, Roots: []validation.Root{{World: "test", Certificate: l.Root()}}})
	if err != nil {
		t.Fatal(err)
	}
	s := r.Signatures[0]
	if r.Conclusion != validation.TotalPassed || s.Level != string(level) || s.Revocation != validation.RevocationGood {
		t.Errorf("in %d: %s at %s, revocation %s, want %s at %s\n%s", at.Year(), r.Conclusion, s.Level, s.Revocation,
			validation.TotalPassed, level, r.Text("en"))
	}
}

// wantProof fails unless the proof of a document lasts until about the time:
// timestamp units live for five years, signers for three.
func (l *lab) wantProof(t testing.TB, pdf []byte, until time.Time) {
	t.Helper()
	r, err := validation.Validate(t.Context(), reader(pdf), int64(len(pdf)), validation.Options{
		Now: l.now(), Roots: []validation.Root{{World: "test", Certificate: l.Root()}}})
	if err != nil {
		t.Fatal(err)
	}
	if d := r.ProofUntil.Sub(until); d.Abs() > 24*time.Hour {
		t.Errorf("proof until %v, want %v", r.ProofUntil, until)
	}
}

func TestLongTerm(t *testing.T) {
	for name, pdf := range map[string][]byte{"table": plain{}.table(), "stream": plain{}.stream(), "scan": scan(t)} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			lt, res := l.sign(t, pdf, signing.LevelLT)
			if res.Level != signing.LevelLT || res.EvidenceProblem != nil || res.TimestampProblem != nil {
				t.Fatalf("Sign = %+v, want B-LT", res)
			}
			l.wantLevel(t, lt, moment, signing.LevelLT)
			l.wantLevel(t, lt, years(4), signing.LevelLT) // the signer's certificate ended
			qpdfCheck(t, lt)

			timed, _ := l.sign(t, pdf, signing.LevelT)
			l.wantProof(t, timed, l.key.Certificate.NotAfter)

			lta, res := l.sign(t, pdf, signing.LevelLTA)
			if res.Level != signing.LevelLTA || res.EvidenceProblem != nil || res.TimestampProblem != nil {
				t.Fatalf("Sign = %+v, want B-LTA", res)
			}
			l.wantLevel(t, lta, years(4), signing.LevelLTA)
			qpdfCheck(t, lta)
		})
	}
}

// TestRenewals keeps a signature for 14 years, past the end of the signer's
// certificate (3 years) and of every timestamp unit's but the last (5 years).
func TestRenewals(t *testing.T) {
	l := newLab(t)
	pdf, _ := l.sign(t, scan(t), signing.LevelLTA)
	for _, year := range []int{4, 8, 12} {
		l.moveTo(years(year))
		if year > 4 {
			// The unit that made the last timestamp is about to end.
			l.wantLevel(t, pdf, l.now(), signing.LevelLTA)
		}
		if err := l.RenewTSA(); err != nil {
			t.Fatal(err)
		}
		renewed := l.renew(t, pdf)
		if !bytes.HasPrefix(renewed, pdf) {
			t.Fatal("renewing changed what was there")
		}
		l.wantProof(t, pdf, years(year-4).AddDate(5, 0, 0))
		l.wantProof(t, renewed, years(year).AddDate(5, 0, 0))
		pdf = renewed
		if err := pdfa.Lint(reader(pdf), int64(len(pdf))); err != nil {
			t.Errorf("Lint in year %d = %v", year, err)
		}
	}
	l.wantLevel(t, pdf, years(16), signing.LevelLTA)
	qpdfCheck(t, pdf)
}

// TestHostileStatus wants every answer that cannot be relied upon to be named,
// and no B-LT where it is all there is.
func TestHostileStatus(t *testing.T) {
	tests := []struct {
		fault testca.Fault
		code  string
	}{
		{testca.FaultIssuer, "sign.evidence-answer"},
		{testca.FaultSerial, "sign.evidence-answer"},
		{testca.FaultExpired, "sign.evidence-answer"},
		{testca.FaultFuture, "sign.evidence-answer"},
		{testca.FaultUnfit, "sign.evidence-answer"},
		{testca.FaultNonce, "sign.evidence-answer"},
		{testca.FaultTampered, "sign.evidence-answer"},
		{testca.FaultGarbage, "sign.evidence-answer"},
		{testca.FaultRejected, "sign.evidence-unavailable"},
		{testca.FaultEarly, "sign.evidence-early"},
		{testca.FaultOversized, "sign.evidence-unavailable"},
		{testca.FaultStatus, "sign.evidence-unavailable"},
		{testca.FaultHang, "sign.evidence-unavailable"},
	}
	onlyOCSP := func(l *lab) testca.Option { return testca.WithSources([]string{l.url + "/ocsp"}, nil, nil) }
	onlyCRL := func(l *lab) testca.Option { return testca.WithSources(nil, []string{l.url + "/issuing.crl"}, nil) }
	isOCSP := map[testca.Fault]bool{testca.FaultSerial: true, testca.FaultUnfit: true, testca.FaultNonce: true, testca.FaultTampered: true}
	l := newLab(t)
	for _, tt := range tests {
		for name, sources := range map[string]testca.Option{"OCSP": onlyOCSP(l), "CRL": onlyCRL(l)} {
			if name == "CRL" && isOCSP[tt.fault] {
				continue
			}
			t.Run(name+" "+string(tt.fault), func(t *testing.T) {
				l.MisbehaveStatus(testca.FaultNone)
				timed := l.timed(t, sources)
				l.MisbehaveStatus(tt.fault)
				l.hidden.Store("")
				if isOCSP[tt.fault] {
					l.hidden.Store("/issuing.crl") // it would do for all
				}
				source := l.collector()
				if tt.fault == testca.FaultHang {
					source.Timeout = 100 * time.Millisecond
				}
				l.wantEvidenceProblem(t, timed, source, tt.code)
			})
		}
	}
}

// timed is a B-T signature by somebody whose certificate names the sources.
func (l *lab) timed(t testing.TB, opts ...testca.Option) []byte {
	t.Helper()
	id, err := l.Person("Trần Thị Bích", "UBND", append([]testca.Option{testca.WithKey(testca.P256)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	key := &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain}
	pdf, res := signWith(t, plain{}.table(), key, signing.Request{Level: signing.LevelT, Time: l.now()}, l.tsa)
	if res.Level != signing.LevelT {
		t.Fatalf("Sign = %+v, want B-T", res)
	}
	return pdf
}

// wantEvidenceProblem wants AddEvidence to name what is wrong and to write
// nothing, and Sign to report B-T with the same Problem.
func (l *lab) wantEvidenceProblem(t testing.TB, pdf []byte, source *evidence.Collector, code string) {
	t.Helper()
	var out bytes.Buffer
	_, err := signing.AddEvidence(t.Context(), reader(pdf), int64(len(pdf)), &out, source)
	wantProblem(t, err, code)
	if out.Len() != 0 {
		t.Errorf("AddEvidence wrote %d bytes and failed", out.Len())
	}
}

func TestSignWithoutEvidence(t *testing.T) {
	l := newLab(t)
	l.MisbehaveStatus(testca.FaultGarbage)
	pdf, res := l.sign(t, plain{}.table(), signing.LevelLTA)
	if res.Level != signing.LevelT || res.TimestampProblem != nil {
		t.Fatalf("Sign = %+v, want B-T", res)
	}
	wantProblem(t, res.EvidenceProblem, "sign.evidence-answer")
	wantSigned(t, pdf, 1)

	_, res = signWith(t, plain{}.table(), l.key, signing.Request{Level: signing.LevelLT}, l.tsa)
	if res.Level != signing.LevelT {
		t.Errorf("reached %s without a collector, want B-T", res.Level)
	}
	wantProblem(t, res.EvidenceProblem, "sign.no-evidence")

	_, res = signWith(t, plain{}.table(), l.key, signing.Request{Level: signing.LevelLT, Evidence: l.source}, nil)
	if res.Level != signing.LevelB {
		t.Errorf("reached %s without a timestamp, want B-B", res.Level)
	}
	wantProblem(t, res.TimestampProblem, "sign.no-tsa")

	l.MisbehaveStatus(testca.FaultNone)
	l.moveTo(moment.Add(time.Minute)) // until then the responder is left alone
	l.wantLevel(t, l.renew(t, pdf), l.now(), signing.LevelLTA)
}

func TestRevoked(t *testing.T) {
	l := newLab(t)
	for name, sources := range map[string][2][]string{
		"OCSP": {{l.url + "/ocsp"}, nil}, "CRL": {nil, {l.url + "/issuing.crl"}}} {
		t.Run(name, func(t *testing.T) {
			id, err := l.Person("Lê Sĩ", "UBND", testca.WithKey(testca.P256), testca.WithSources(sources[0], sources[1], nil))
			if err != nil {
				t.Fatal(err)
			}
			key := &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain}
			l.Revoke(id.Certificate, testca.Revocation{Time: moment.Add(-time.Minute), Reason: 1})
			_, res := signWith(t, plain{}.table(), key, signing.Request{Level: signing.LevelLT, Evidence: l.collector(), Time: l.now()}, l.tsa)
			if res.Level != signing.LevelT {
				t.Errorf("reached %s, want B-T", res.Level)
			}
			wantProblem(t, res.EvidenceProblem, "sign.evidence-revoked")
		})
	}
	l.Revoke(l.TSA().Certificate(), testca.Revocation{Time: moment.Add(time.Hour), Reason: 1})
	l.wantEvidenceProblem(t, l.timed(t), l.collector(), "sign.evidence-revoked")
}

// TestRevokedLater wants a signature to stay good whose signer lost the key
// after it was made and timestamped.
func TestRevokedLater(t *testing.T) {
	l := newLab(t)
	pdf, _ := signWith(t, plain{}.table(), l.key, signing.Request{Level: signing.LevelT, Time: l.now()}, l.tsa)
	l.moveTo(moment.Add(48 * time.Hour))
	l.Revoke(l.key.Certificate, testca.Revocation{Time: moment.Add(time.Hour), Reason: 1})
	l.wantLevel(t, l.renew(t, pdf), l.now(), signing.LevelLTA)
}

func TestAddEvidenceRefuses(t *testing.T) {
	l, stranger := newLab(t), newLab(t)
	plainSigned, _ := signWith(t, plain{}.table(), l.key, signing.Request{Time: l.now()}, nil)
	timed := l.timed(t)
	altered := bytes.Clone(timed)
	altered[bytes.Index(altered, []byte("0.9 g"))] = '1'
	elsewhere, closed := l.collector(), l.collector()
	elsewhere.Hosts, closed.Hosts = []string{"ocsp.example.vn"}, nil
	distrusting := stranger.collector()
	tests := []struct {
		name   string
		pdf    []byte
		source *evidence.Collector
		code   string
	}{
		{"unsigned", plain{}.table(), l.source, "sign.unsigned"},
		{"no timestamp", plainSigned, l.source, "sign.untimed"},
		{"altered", altered, l.source, "sign.unsound"},
		{"no collector", timed, nil, "sign.no-evidence"},
		{"roots of others", timed, distrusting, "sign.evidence-chain"},
		{"host not listed", timed, elsewhere, "sign.evidence-refused"},
		{"private address", timed, closed, "sign.evidence-refused"},
		{"nobody to ask", l.timed(t, testca.WithSources(nil, nil, nil)), l.source, "sign.evidence-none"},
		{"LDAP only", l.timed(t, testca.WithSources(nil, []string{"ldap://127.0.0.1/x"}, nil)), l.source, "sign.evidence-none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { l.wantEvidenceProblem(t, tt.pdf, tt.source, tt.code) })
	}
}

// TestEvidenceIsAskedForOnce signs twice with one collector, and adds nothing
// to a document that has all.
func TestEvidenceIsAskedForOnce(t *testing.T) {
	l := newLab(t)
	pdf, _ := l.sign(t, plain{}.table(), signing.LevelLT)
	asked := l.StatusRequests()
	if asked == 0 {
		t.Fatal("nobody was asked")
	}
	again, _ := l.sign(t, plain{}.stream(), signing.LevelLT)
	l.wantLevel(t, again, moment, signing.LevelLT)
	var out bytes.Buffer
	if _, err := signing.AddEvidence(t.Context(), reader(pdf), int64(len(pdf)), &out, l.collector()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), pdf) {
		t.Errorf("AddEvidence appended %d bytes to a document that has all", out.Len()-len(pdf))
	}
	if n := l.StatusRequests(); n != asked {
		t.Errorf("%d requests more, want none", n-asked)
	}
}

// TestSetIsAskedForOnce timestamps a set of documents over an hour before it
// raises the first of them: then one question about the signer and one about
// the timestamp unit do for all.
func TestSetIsAskedForOnce(t *testing.T) {
	l := newLab(t)
	var set [][]byte
	for range 30 {
		pdf, _ := l.sign(t, plain{}.table(), signing.LevelT)
		set = append(set, pdf)
		l.moveTo(l.now().Add(2 * time.Minute))
	}
	for _, pdf := range set {
		l.wantLevel(t, l.renew(t, pdf), l.now(), signing.LevelLTA)
		l.moveTo(l.now().Add(2 * time.Minute))
	}
	if n := l.StatusRequests(); n != 2 {
		t.Errorf("%d requests about %d documents, want 2", n, len(set))
	}
}

// TestTooLate wants a signature to be left as it is whose signer's certificate
// ended before evidence was collected: nobody tells about it any more.
func TestTooLate(t *testing.T) {
	l := newLab(t)
	timed := l.timed(t)
	l.moveTo(years(4))
	l.wantEvidenceProblem(t, timed, l.source, "sign.evidence-late")
}

// TestEvidenceMerges signs a B-LT document again: the store grows, and both
// signatures are B-LT.
func TestEvidenceMerges(t *testing.T) {
	l := newLab(t)
	pdf, _ := l.sign(t, plain{}.table(), signing.LevelLT)
	l.moveTo(moment.Add(72 * time.Hour))
	pdf, res := l.sign(t, pdf, signing.LevelLTA)
	if res.Level != signing.LevelLTA {
		t.Fatalf("Sign = %+v, want B-LTA", res)
	}
	r, err := validation.Validate(t.Context(), reader(pdf), int64(len(pdf)), validation.Options{
		Now: l.now(), Roots: []validation.Root{{World: "test", Certificate: l.Root()}}})
	if err != nil || r.Conclusion != validation.TotalPassed || len(r.Signatures) != 3 {
		t.Fatalf("Validate = %v:\n%s", err, r.Text("en"))
	}
	for _, s := range r.Signatures[:2] {
		if s.Level != "B-LTA" {
			t.Errorf("%s is at %s, want B-LTA", s.Field, s.Level)
		}
	}
}

// TestDelegatedResponder accepts a responder that needs no check, and checks
// one that does against the list of its issuer.
func TestDelegatedResponder(t *testing.T) {
	for _, nocheck := range []bool{true, false} {
		l := newLab(t)
		if err := l.Delegate(nocheck); err != nil {
			t.Fatal(err)
		}
		pdf, res := l.sign(t, plain{}.table(), signing.LevelLTA)
		if res.Level != signing.LevelLTA {
			t.Fatalf("nocheck %t: Sign = %+v, want B-LTA", nocheck, res)
		}
		l.wantLevel(t, pdf, moment, signing.LevelLTA)
	}
}

// TestIssuerIsFetched signs without a chain: the issuer is asked for where the
// certificate says.
func TestIssuerIsFetched(t *testing.T) {
	l := newLab(t)
	l.key.Chain = nil
	timed, _ := signWith(t, plain{}.table(), l.key, signing.Request{Level: signing.LevelT, Time: l.now()}, l.tsa)
	pdf := l.renew(t, timed)
	l.wantLevel(t, pdf, moment, signing.LevelLTA)
}

func TestRenewWithoutAuthority(t *testing.T) {
	l := newLab(t)
	pdf, _ := l.sign(t, plain{}.table(), signing.LevelLT)
	down, _ := stamper(t, testca.FaultStatus)
	var out bytes.Buffer
	_, err := signing.Renew(t.Context(), reader(pdf), int64(len(pdf)), &out, down, l.source)
	wantProblem(t, err, "sign.tsa-unavailable")
	if out.Len() > 0 {
		t.Errorf("Renew wrote %d bytes and failed", out.Len())
	}
}

// FuzzPreserve adds evidence and a timestamp to whatever takes them: what was
// there must stay, and a failure must write nothing.
func FuzzPreserve(f *testing.F) {
	l := newLab(f)
	timed, _ := l.sign(f, plain{}.table(), signing.LevelT)
	lt, _ := l.sign(f, plain{}.stream(), signing.LevelLT)
	f.Add(timed)
	f.Add(lt)
	f.Add(l.renew(f, lt))
	f.Add(withSignature(signed("/Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]"), "", "/DSS<</Certs[1 0 R 99 0 R]/VRI 3>>"))
	offline := &evidence.Collector{Roots: l.Pool(), Hosts: []string{"nobody"}, Now: l.now}
	f.Fuzz(func(t *testing.T, pdf []byte) {
		size := int64(len(pdf))
		for name, add := range map[string]func(io.Writer) (signing.Result, error){
			"AddEvidence": func(w io.Writer) (signing.Result, error) {
				return signing.AddEvidence(t.Context(), reader(pdf), size, w, offline)
			},
			"Renew": func(w io.Writer) (signing.Result, error) {
				return signing.Renew(t.Context(), reader(pdf), size, w, l.tsa, offline)
			},
		} {
			var out bytes.Buffer
			res, err := add(&out)
			if err != nil && out.Len() > 0 || err == nil && (int64(out.Len()) != res.Size || !bytes.HasPrefix(out.Bytes(), pdf)) {
				t.Fatalf("%s = %+v, %v with %d bytes written of %d", name, res, err, out.Len(), len(pdf))
			}
		}
	})
}
