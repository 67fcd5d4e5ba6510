package ingest

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing"
	"sohoa/signing/validation"
)

// PrepareSignature implements SigningDesk.
func (s *Service) PrepareSignature(ctx context.Context, actor string, want Wanted) (sohoa.PendingSignature, *signing.Prepared, error) {
	user, err := s.person(ctx, actor, sohoa.PowerSign)
	if err != nil {
		return sohoa.PendingSignature{}, nil, err
	}
	if err := s.knows(ctx, user.User, want.Certificates); err != nil {
		return sohoa.PendingSignature{}, nil, err
	}
	return s.prepare(ctx, preparing{user: user, flow: sohoa.FlowClient, Wanted: want})
}

// preparing is the first phase of one signature.
type preparing struct {
	Wanted
	user person
	at   time.Time   // of the signature, as claimed
	set  sohoa.SetID // empty: whichever the document is in
	flow sohoa.SignFlow
}

// prepare is the first phase: what it decides is in the catalogue when it
// returns, and the document is nobody else's meanwhile.
func (s *Service) prepare(ctx context.Context, p preparing) (pending sohoa.PendingSignature, prepared *signing.Prepared, err error) {
	if _, err := archive.Owned(ctx, s.Catalog, p.user.scope, p.Document); err != nil {
		return pending, nil, err
	}
	var t turn
	err = s.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		t, err = s.turnFor(tx, p)
		return err
	})
	if err != nil {
		return pending, nil, err
	}
	p.at = s.Now().UTC()
	pending = t.newPending(p.user.Name, p.flow, p.at)
	if prepared, err = s.lay(ctx, &t, p); err != nil {
		return pending, nil, err
	}
	if pending.Prepared, err = json.Marshal(prepared); err != nil {
		return pending, nil, err
	}
	if len(pending.Prepared) > sohoa.MaxPendingBytes {
		return pending, nil, &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "sign.reserve"}
	}
	return pending, prepared, s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.enterPending(tx, p, pending, t.doc.Lookup) })
}

// turnFor is turnOf for what is asked; outside of sets the step is as asked.
func (s *Service) turnFor(tx archive.Tx, p preparing) (turn, error) {
	t, err := s.turnOf(tx, p.user.Name, p.Document, p.set)
	if err != nil || t.inSet() {
		return t, err
	}
	t.step = sohoa.SignStep{Part: p.Part, User: p.user.Name}
	return t, sohoa.SigningSet{Title: "-", Steps: []sohoa.SignStep{t.step}}.Check()
}

// enterPending enters what was prepared, if the document is still the same and
// still p.user's.
func (s *Service) enterPending(tx archive.Tx, p preparing, pending sohoa.PendingSignature, lookup string) error {
	t, err := s.turnFor(tx, p)
	if err != nil {
		return err
	}
	if t.doc.Revision != pending.Revision || t.item.Set != pending.Set || t.item.Step != pending.Step {
		return conflict("sign.changed")
	}
	if t.doc.Lookup != lookup {
		if t.doc.Lookup != "" {
			return conflict("sign.changed")
		}
		t.doc.Lookup = lookup
		if err := tx.PutDocument(t.doc); err != nil {
			return err
		}
	}
	if err := t.hold(tx, pending); err != nil {
		return err
	}
	return s.journalBy(tx, p.user.Name, t.doc, sohoa.ActionPrepare,
		detail{"part": pending.Part, "flow": pending.Flow, "revision": pending.Revision, "set": pending.Set})
}

// lay writes the signature around the hole for its value.
func (s *Service) lay(ctx context.Context, t *turn, p preparing) (*signing.Prepared, error) {
	role, err := s.newest(ctx, t.doc)
	if err != nil {
		return nil, err
	}
	in, file, err := s.Open(ctx, t.doc.ID, role, 0)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	shows := showing{doc: t.doc, step: t.step, user: p.user.User, place: p.Place, qr: s.address(&t.doc, t.step.Part)}
	if place, ok := t.item.Places[t.item.Step]; ok && shows.place == nil {
		shows.place = &place
	}
	m, err := s.markOf(ctx, shows)
	if err != nil {
		return nil, err
	}
	name, err := s.shownName(ctx, *t, p.user.User)
	if err != nil {
		return nil, err
	}
	req := signing.Request{Level: s.baseLevel(), Name: p.Certificates[0].Subject.CommonName, Time: p.at, PSS: p.PSS,
		Mark: signedBy(m, name, p.at), Base: s.noted(ctx, t.doc.ID, file)}
	prepared, err := signing.Prepare(ctx, in, in.Size(), p.Certificates, req)
	for relent(&req, err) {
		prepared, err = signing.Prepare(ctx, in, in.Size(), p.Certificates, req)
	}
	return prepared, err
}

// baseLevel is what a signature is made with: evidence comes after the last.
func (s *Service) baseLevel() signing.Level {
	if s.Signing.Stamper == nil {
		return signing.LevelB
	}
	return signing.LevelT
}

// relent takes from a request what it can do without and failed for: the mark
// on a page that is smaller, unless somebody placed it, and what was noted of
// the document. It reports whether there was any.
func relent(req *signing.Request, err error) bool {
	var p *sohoa.Problem
	if !errors.As(err, &p) {
		return false
	}
	switch {
	case p.Code == "sign.no-room" && req.Mark != nil && req.Mark.At == nil:
		req.Mark = nil
		return true
	case p.Code == "sign.base" && req.Base != nil:
		req.Base = nil
		return true
	}
	return false
}

// shownName is whose name the mark shows: the person's who digitised, else the
// agency's.
func (s *Service) shownName(ctx context.Context, t turn, user sohoa.User) (string, error) {
	if t.step.Part == sohoa.PartOperator || t.step.Part == sohoa.PartPerson {
		return user.FullName, nil
	}
	return s.agencyName(ctx, t.doc)
}

// agencyName is the name of the agency that a document belongs to, or its
// code; empty where it belongs to none.
func (s *Service) agencyName(ctx context.Context, doc sohoa.Document) (string, error) {
	d, err := s.Catalog.Dossier(ctx, sohoa.Everything, doc.Dossier)
	if err != nil {
		return "", err
	}
	agency, _, err := s.Names(ctx, d)
	return cmp.Or(agency.Name, agency.Code), err
}

// newest is the rendition that the next signature goes on.
func (s *Service) newest(ctx context.Context, doc sohoa.Document) (sohoa.Role, error) {
	_, err := s.file(ctx, doc.ID, sohoa.RoleSigned, 0)
	if errors.Is(err, sohoa.ErrNotExist) {
		return s.toSign(ctx, doc)
	}
	return sohoa.RoleSigned, err
}

// knows reports as a Problem that a certificate, which somebody brings, is not
// the user's: it must be the one by which they are known, or lead to a root
// and bear their name (docs/decisions/signing-desk.md).
func (s *Service) knows(ctx context.Context, user sohoa.User, certs []*x509.Certificate) error {
	if len(certs) == 0 {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.no-key"}
	}
	known, err := s.registered(ctx, user.Name)
	if err != nil {
		return err
	}
	if known != nil {
		if !known.Equal(certs[0]) {
			return forbidden("sign.not-signer", certs[0].Subject.CommonName, user.FullName)
		}
		return nil
	}
	if err := s.trusted(certs); err != nil {
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "sign.untrusted", Args: []string{certs[0].Subject.CommonName}, Detail: err.Error()}
	}
	if !sameName(certs[0].Subject.CommonName, user.FullName) {
		return forbidden("sign.not-signer", certs[0].Subject.CommonName, user.FullName)
	}
	return nil
}

// registered is the certificate by which a user is known; nil without one.
func (s *Service) registered(ctx context.Context, user string) (*x509.Certificate, error) {
	if s.Signing.Certificates == nil {
		return nil, nil
	}
	known, err := s.Signing.Certificates.CertificateOf(ctx, user)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, nil
	}
	return known, err
}

// trusted returns why certs[0] does not lead to a configured root now.
func (s *Service) trusted(certs []*x509.Certificate) error {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, r := range s.Signing.Roots {
		if !r.TimestampsOnly {
			roots.AddCert(r.Certificate)
		}
	}
	for _, c := range certs[1:] {
		between.AddCert(c)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: s.Now(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err
}

// sameName compares names of people as they are written.
func sameName(a, b string) bool {
	plain := func(s string) string { return norm.NFC.String(strings.Join(strings.Fields(s), " ")) }
	return a != "" && strings.EqualFold(plain(a), plain(b))
}

// CompleteSignature implements SigningDesk.
func (s *Service) CompleteSignature(ctx context.Context, actor string, id sohoa.SetID, value []byte) (sohoa.Document, error) {
	p, err := s.pendingOf(ctx, actor, id)
	if err != nil {
		return sohoa.Document{}, err
	}
	if p.Flow != sohoa.FlowClient {
		return sohoa.Document{}, conflict("sign.expired")
	}
	if err := s.accept(ctx, []answer{{id: id, value: value}}); err != nil {
		return sohoa.Document{}, err
	}
	return s.Catalog.Document(ctx, sohoa.Everything, p.Document)
}

// pendingOf finds a signature that actor has under way.
func (s *Service) pendingOf(ctx context.Context, actor string, id sohoa.SetID) (sohoa.PendingSignature, error) {
	p, err := s.Catalog.Pending(ctx, id)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && p.Actor != actor {
		return p, conflict("sign.expired")
	}
	return p, err
}

// CancelSignature implements SigningDesk.
func (s *Service) CancelSignature(ctx context.Context, actor string, id sohoa.SetID) error {
	p, err := s.pendingOf(ctx, actor, id)
	if err != nil {
		return err
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		now, err := tx.Pending(p.ID)
		if errors.Is(err, sohoa.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if now.Signed() {
			return conflict("set.signing", p.Document.String())
		}
		return s.dropIn(tx, now, nil)
	})
}

// answer is a signature value for a signature that is under way.
type answer struct {
	id    sohoa.SetID
	value []byte
}

// accept takes signature values in: each is verified, and in the catalogue
// with the job that keeps it when accept returns. What is not under way any
// more is left out, unless it is all there is. One whose value is wrong is due
// again with the Problem, which is returned if there is no other.
func (s *Service) accept(ctx context.Context, answers []answer) error {
	var last error
	good := answers[:0:0]
	for _, a := range answers {
		err := s.verifyAnswer(ctx, a)
		if err == nil {
			good = append(good, a)
			continue
		}
		if last = err; final(err) == err {
			return err
		}
		if !errors.Is(err, sohoa.ErrConflict) {
			if err := s.drop(ctx, a.id, sohoa.AsProblem(err)); err != nil {
				return err
			}
		}
	}
	if len(good) == 0 {
		return last
	}
	taken := 0
	err := s.Catalog.Update(ctx, func(tx archive.Tx) error {
		taken = 0
		for _, a := range good {
			ok, err := s.take(tx, a)
			if err != nil {
				return err
			}
			if ok {
				taken++
			}
		}
		return nil
	})
	if err == nil && taken == 0 {
		return conflict("sign.expired")
	}
	return err
}

// verifyAnswer checks a value against what was prepared.
func (s *Service) verifyAnswer(ctx context.Context, a answer) error {
	p, err := s.Catalog.Pending(ctx, a.id)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && s.Now().After(p.Expires) {
		return conflict("sign.expired")
	}
	if err != nil || p.Signed() {
		return err
	}
	prepared, err := preparedOf(p)
	if err != nil {
		return err
	}
	_, err = signing.Complete(ctx, prepared, a.value, nil)
	return err
}

// preparedOf reads what was prepared.
func preparedOf(p sohoa.PendingSignature) (*signing.Prepared, error) {
	var prepared signing.Prepared
	if err := json.Unmarshal(p.Prepared, &prepared); err != nil {
		return nil, fmt.Errorf("read what was prepared for %s: %w", p.Document, err)
	}
	return &prepared, nil
}

// take enters a value that was verified. It is false if nobody waits for it.
func (s *Service) take(tx archive.Tx, a answer) (bool, error) {
	p, err := tx.Pending(a.id)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && p.Signed() {
		return err == nil, nil
	}
	if err != nil {
		return false, err
	}
	doc, err := tx.Document(p.Document)
	if err != nil {
		return false, err
	}
	if doc.Revision != p.Revision {
		return false, s.dropIn(tx, p, conflict("sign.changed"))
	}
	p.Value = a.value
	if err := tx.PutPending(p); err != nil {
		return false, err
	}
	return true, tx.Enqueue(archive.Job{Stage: sohoa.StageCosign, Document: p.Document})
}

// complete makes the signed file of a signature that has its value.
func (s *Service) complete(ctx context.Context, doc sohoa.Document, p sohoa.PendingSignature, n *newSignature) error {
	prepared, err := preparedOf(p)
	if err != nil {
		return err
	}
	prepared.Expires = time.Now().Add(sohoa.MaxPendingSignature) // its value came in time
	c, err := signing.Complete(ctx, prepared, p.Value, s.Signing.Stamper)
	if err != nil {
		return err
	}
	certs, err := x509.ParseCertificates(flat(prepared.Certificates))
	if err != nil {
		return err
	}
	roots, err := s.rootsFor(ctx, p, certs)
	if err != nil {
		return err
	}
	file, report, err := s.writeSigned(ctx, doc, c, validation.Options{Roots: roots, Now: s.Now()})
	if err != nil {
		return err
	}
	n.file, n.problem, n.proof = &file, c.TimestampProblem, report.ProofUntil
	n.made = sohoa.SignatureMade{Part: p.Part, User: p.Actor, Signer: certs[0].Subject.CommonName, Field: c.Field, Time: p.Created.UTC(),
		Stamped: c.TimestampTime, Size: c.Size, Revision: doc.Revision + 1, Level: sealOf(c.Result, s.Signing.Stamper != nil).State}
	return nil
}

// rootsFor are what a signature is judged by: the configured roots, and for a
// key that this office was given, or a certificate by which a user is known,
// that itself.
func (s *Service) rootsFor(ctx context.Context, p sohoa.PendingSignature, certs []*x509.Certificate) ([]validation.Root, error) {
	roots := s.Signing.Roots[:len(s.Signing.Roots):len(s.Signing.Roots)]
	if p.Flow != sohoa.FlowClient {
		return append(roots, own(certs)), nil
	}
	known, err := s.registered(ctx, p.Actor)
	if err == nil && known != nil && known.Equal(certs[0]) {
		roots = append(roots, own(certs[:1]))
	}
	return roots, err
}

// flat joins certificates.
func flat(ders [][]byte) []byte {
	var all []byte
	for _, d := range ders {
		all = append(all, d...)
	}
	return all
}

// writeSigned stores the signed document, once it was read back and passed.
func (s *Service) writeSigned(ctx context.Context, doc sohoa.Document, c *signing.Completed, opts validation.Options) (file sohoa.File, report *validation.Report, err error) {
	role, err := s.newest(ctx, doc)
	if err != nil {
		return file, nil, err
	}
	in, _, err := s.Open(ctx, doc.ID, role, 0)
	if err != nil {
		return file, nil, err
	}
	defer in.Close()
	file, err = s.produce(ctx, doc.ID, sohoa.File{Role: sohoa.RoleSigned, Key: signedKey(doc.ID)}, func(out *os.File) error {
		if err := c.Write(ctx, out, in); err != nil {
			return err
		}
		if report, err = judge(ctx, out, c.Size, c.Field, opts); err != nil {
			return err
		}
		return stillPDFA(doc, out)
	})
	return file, report, err
}

// stillPDFA reports as a Problem that a signature spoiled a scan's PDF/A.
func stillPDFA(doc sohoa.Document, out *os.File) error {
	if doc.Master != sohoa.MasterPDFA {
		return nil
	}
	if err := lint(out); err != nil {
		return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "sign.self-check", Detail: err.Error()}
	}
	return nil
}
