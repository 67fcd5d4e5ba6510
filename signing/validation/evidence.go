package validation

import (
	"cmp"
	"crypto/x509"
	"slices"
	"time"

	"sohoa"
	"sohoa/signing/validation/cms"
	"sohoa/signing/validation/pdfrev"
	"sohoa/signing/validation/revocation"
)

// maxEvidence bounds the certificates, OCSP answers and lists of one array of
// a document security store, and the entries of its VRI; maxPieces bounds the
// pieces of evidence in all.
const (
	maxEvidence = 300
	maxPieces   = 2000
)

// piece is an OCSP answer or a revocation list in the file.
type piece struct {
	answer *revocation.Answer // or
	list   *revocation.List
	digest sohoa.Digest
	place  Place
	end    int64 // a timestamp over the bytes before end proves that it existed
}

// about is what p says about cert, which issuer issued.
func (p *piece) about(cert, issuer *x509.Certificate, bag []*x509.Certificate) (revocation.Statement, error) {
	if p.answer != nil {
		return p.answer.About(cert, issuer, bag)
	}
	return p.list.About(cert, issuer)
}

// evidence is what a file brings along to prove what its certificates were.
type evidence struct {
	certificates []*x509.Certificate
	pieces       []*piece // those that were first in the file first
	have         map[sohoa.Digest]bool
	bySerial     map[string][]*piece // answers
	byIssuer     map[string][]*piece // lists
}

// arrange puts the pieces in order and indexes them: there may be many, and
// many certificates to ask them about.
func (e *evidence) arrange() {
	slices.SortStableFunc(e.pieces, func(a, b *piece) int { return cmp.Compare(a.end, b.end) })
	e.bySerial, e.byIssuer = map[string][]*piece{}, map[string][]*piece{}
	for _, p := range e.pieces {
		if p.list != nil {
			e.byIssuer[string(p.list.Issuer())] = append(e.byIssuer[string(p.list.Issuer())], p)
			continue
		}
		for _, serial := range p.answer.Serials() {
			key := string(serial.Bytes())
			if same := e.bySerial[key]; len(same) == 0 || same[len(same)-1] != p {
				e.bySerial[key] = append(same, p)
			}
		}
	}
}

// of are the pieces that may be about cert.
func (e *evidence) of(cert *x509.Certificate) []*piece {
	return slices.Concat(e.bySerial[string(cert.SerialNumber.Bytes())], e.byIssuer[string(cert.RawIssuer)])
}

// readEvidence reads the store of the newest revision and the messages. Bytes
// that are not evidence, or cannot be read, are left out.
func (v *validator) readEvidence() {
	v.evidence.have = map[sohoa.Digest]bool{}
	newest := v.file.View(len(v.file.Revisions) - 1)
	store := newest.Dict(newest.Root()["DSS"])
	v.readStore(newest, store, storeKeys{"Certs", "OCSPs", "CRLs"})
	vri := newest.Dict(store["VRI"])
	names := keys(vri, nil)
	for _, name := range names[:min(len(names), maxEvidence)] {
		v.readStore(newest, newest.Dict(vri[name]), storeKeys{"Cert", "OCSP", "CRL"})
	}
	for _, s := range v.found {
		v.readMessage(s)
	}
	v.evidence.arrange()
}

// storeKeys are the names of arrays in a store or in a VRI entry (ISO 32000-2,
// 12.8.4.3).
type storeKeys struct{ certificates, answers, lists pdfrev.Name }

func (v *validator) readStore(view pdfrev.View, d pdfrev.Dict, k storeKeys) {
	for _, s := range streams(view, d[k.certificates]) {
		if c, err := x509.ParseCertificate(s.content); err == nil && v.evidence.isNew(s.content) {
			v.evidence.certificates = append(v.evidence.certificates, c)
		}
	}
	for _, s := range streams(view, d[k.answers]) {
		v.evidence.addAnswer(s.content, PlaceStore, s.end)
	}
	for _, s := range streams(view, d[k.lists]) {
		v.evidence.addList(s.content, PlaceStore, s.end)
	}
}

// readMessage reads what the message of s, and the timestamps in it, bring.
func (v *validator) readMessage(s *found) {
	end := s.coverEnd()
	if s.signer == nil || end < 0 {
		return
	}
	place := PlaceSignature
	if s.token != nil {
		place = PlaceTimestamp
	}
	// A message lies in the gap of its own range: it takes another one over it
	// to prove that it existed.
	v.evidence.addMessage(s.message, s.signer, place, end+1)
	for _, der := range s.signer.Timestamps() {
		if t, err := cms.ParseToken(der); err == nil {
			v.evidence.addMessage(t.Message, t.Signers[0], PlaceTimestamp, end+1)
		}
	}
}

func (e *evidence) addMessage(m *cms.Message, s *cms.Signer, place Place, end int64) {
	lists, answers := s.Revocation()
	for _, der := range slices.Concat(m.Answers, answers) {
		e.addAnswer(der, place, end)
	}
	for _, der := range slices.Concat(m.CRLs, lists) {
		e.addList(der, place, end)
	}
}

func (e *evidence) addAnswer(der []byte, place Place, end int64) {
	if a, err := revocation.ParseAnswer(der); err == nil && e.isNew(der) {
		e.add(&piece{answer: a, digest: sohoa.Sum(der), place: place, end: end})
	}
}

func (e *evidence) addList(der []byte, place Place, end int64) {
	if !e.isNew(der) {
		return
	}
	if l, err := revocation.ParseList(der); err == nil {
		e.add(&piece{list: l, digest: sohoa.Sum(der), place: place, end: end})
	}
}

func (e *evidence) add(p *piece) {
	if len(e.pieces) < maxPieces {
		e.pieces = append(e.pieces, p)
	}
}

// isNew reports whether der was not there yet: the same piece often lies in
// several places.
func (e *evidence) isNew(der []byte) bool {
	digest := sohoa.Sum(der)
	if e.have[digest] {
		return false
	}
	e.have[digest] = true
	return true
}

// stored is a decoded stream of a store.
type stored struct {
	content []byte
	end     int64 // of its bytes in the file
}

// streams decodes the streams that list names.
func streams(view pdfrev.View, list pdfrev.Object) []stored {
	a, _ := view.Resolve(list).(pdfrev.Array)
	var out []stored
	for _, o := range a[:min(len(a), maxEvidence)] {
		s, ok := view.Resolve(o).(*pdfrev.Stream)
		if !ok {
			continue
		}
		length, err := view.Length(s)
		if err != nil {
			continue
		}
		if b, err := view.Decoded(s); err == nil {
			out = append(out, stored{b, s.Start + length})
		}
	}
	return out
}

// existence is a time at which the first end bytes of the file existed, by a
// document timestamp that is trusted.
type existence struct {
	end  int64
	time time.Time
}

// existed is the earliest time at which the first end bytes of the file are
// known to have existed.
func (v *validator) existed(end int64) proof {
	best := proof{v.now, ProofNone}
	for _, e := range v.existences {
		if e.end >= end && (best.by == ProofNone || e.time.Before(best.time)) {
			best = proof{e.time, ProofDocument}
		}
	}
	return best
}

// revisionOf is the first revision, 1-based, that has the first end bytes.
func (v *validator) revisionOf(end int64) int {
	for i, r := range v.file.Revisions {
		if r.End >= end {
			return i + 1
		}
	}
	return len(v.file.Revisions)
}
