package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing"
	"sohoa/signing/mark"
)

// CopyKind is a form in which users get a document (TT 05/2025/TT-BNV, Articles
// 37 and 40 to 42).
type CopyKind string

// The kinds. A DIP is the fourth: Export.
const (
	CopyReading   CopyKind = "reading"   // on the screen, for some days
	CopyPlain     CopyKind = "plain"     // a PDF with BẢN SAO on it
	CopyCertified CopyKind = "certified" // likewise, signed by the agency
)

// CopyRequest asks for a copy.
type CopyRequest struct {
	Actor    string
	Purpose  string // why; it stands in the journal
	Scope    sohoa.Scope
	Document sohoa.DocumentID
	Kind     CopyKind
}

// CopyFile is a copy: a file of its own, which Close removes.
type CopyFile struct {
	*os.File
	Name      string // under which it is saved
	Size      int64
	Digest    sohoa.Digest
	Signature sohoa.SignatureState // of a certified copy
}

// Close removes the file.
func (c *CopyFile) Close() error { return errors.Join(c.File.Close(), os.Remove(c.File.Name())) }

// Copy makes a plain or a certified copy, of the rendition for reading or, if
// there is none, the archival one; what is kept is never touched. The journal
// has it before the copy is returned. Problems: export.purpose,
// export.not-kept, copy.kind, copy.no-pdf, copy.sealed, and for certified
// copies copy.force-… of a result that does not count, copy.no-key, and the
// reason why a timestamp that was asked for is missing.
func (s *Service) Copy(ctx context.Context, r CopyRequest) (*CopyFile, error) {
	doc, err := s.copyable(ctx, r)
	if err != nil {
		return nil, err
	}
	c := &CopyFile{Name: strings.TrimSuffix(doc.Name, path.Ext(doc.Name)) + ".ban-sao.pdf"}
	do := s.print
	switch r.Kind {
	case CopyCertified:
		do = s.certifyCopy
		if err := s.mayCertify(doc); err != nil {
			return nil, err
		}
		c.Name = strings.TrimSuffix(doc.Name, path.Ext(doc.Name)) + ".ban-sao-chung-thuc.pdf"
	case CopyPlain:
	default:
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "copy.kind", Args: []string{string(r.Kind)}}
	}
	if c.File, err = s.temp(); err != nil {
		return nil, err
	}
	if err = s.fillCopy(ctx, r, doc, c, do); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// fillCopy makes a copy, measures it and enters it in the journal.
func (s *Service) fillCopy(ctx context.Context, r CopyRequest, doc sohoa.Document, c *CopyFile,
	do func(context.Context, sohoa.Document, archive.Blob, *CopyFile) error,
) error {
	in, err := s.copySource(ctx, doc)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := do(ctx, doc, in, c); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := c.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if c.Size, err = io.Copy(h, c.File); err != nil {
		return err
	}
	c.Digest = sohoa.Digest(h.Sum(nil))
	if _, err := c.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return s.journalCopy(ctx, r, doc, detail{"kind": r.Kind, "sha256": c.Digest.String(), "signature": c.Signature})
}

func (s *Service) journalCopy(ctx context.Context, r CopyRequest, doc sohoa.Document, d detail) error {
	e := sohoa.Entry{Actor: r.Actor, Action: sohoa.ActionCopy, Document: doc.ID, Dossier: doc.Dossier, Purpose: r.Purpose}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.append(tx, e, d) })
}

// copyable is the document of a request that may be made of it.
func (s *Service) copyable(ctx context.Context, r CopyRequest) (sohoa.Document, error) {
	if err := checkPurpose(r.Purpose); err != nil {
		return sohoa.Document{}, err
	}
	doc, err := archive.Owned(ctx, s.Catalog, r.Scope, r.Document)
	if err != nil {
		return doc, err
	}
	return doc, giveable(doc)
}

// copySource opens what copies are made of.
func (s *Service) copySource(ctx context.Context, doc sohoa.Document) (archive.Blob, error) {
	for _, role := range []sohoa.Role{sohoa.RoleAccess, sohoa.RolePDF} {
		b, _, err := s.Open(ctx, doc.ID, role, 0)
		if !errors.Is(err, sohoa.ErrNotExist) {
			return b, err
		}
	}
	return nil, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "copy.no-pdf", Args: []string{doc.ID.String()}}
}

// copyMark stands on every page of a plain copy, clear of its codes.
func (s *Service) copyMark(ctx context.Context, doc sohoa.Document, page int) *mark.Mark {
	m := &mark.Mark{Lines: []string{"BẢN SAO"}, Corner: mark.TopRight}
	if text, err := s.PageText(ctx, doc.ID, page); err == nil && text.DPI > 0 {
		m.Avoid = mark.Codes(text)
	}
	return m
}

func (s *Service) print(ctx context.Context, doc sohoa.Document, in archive.Blob, c *CopyFile) error {
	return signing.Print(in, in.Size(), c.File, func(number int, _ mark.Page) []*mark.Mark {
		return []*mark.Mark{s.copyMark(ctx, doc, number)}
	})
}

// mayCertify refuses to certify a result that does not count.
func (s *Service) mayCertify(doc sohoa.Document) error {
	if force := doc.Life.Force(s.Now()); force != sohoa.ForceIn {
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "copy.force-" + string(force), Args: []string{doc.ID.String()}}
	}
	if s.Sealer == nil {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "copy.no-key"}
	}
	return nil
}

// certifyCopy signs a copy as the agency; the signature shows BẢN SAO. The sealer
// has validated it. One that lacks the timestamp it should have is not given
// out.
func (s *Service) certifyCopy(ctx context.Context, doc sohoa.Document, in archive.Blob, c *CopyFile) error {
	m := mark.Certified()
	if text, err := s.PageText(ctx, doc.ID, 1); err == nil && text.DPI > 0 {
		m.Avoid = mark.Codes(text)
	}
	seal, err := s.Sealer.Seal(ctx, in, in.Size(), c.File, Sealing{Part: sohoa.PartCopy, Mark: m})
	if err != nil {
		return err
	}
	if c.Signature = seal.State; seal.Problem != nil {
		return seal.Problem
	}
	return stillPDFA(doc, c.File)
}

// ReadingCopy is a document that somebody may read on the screen for some
// time.
type ReadingCopy struct {
	Document sohoa.Document
	Secret   string // with the document's ID all that its reader needs; only there when it is issued
	Agency   string // that issues it; its name stands on each page
	Until    time.Time
}

// IssueReading opens a document to whoever has the secret, for days. The
// journal is where that is kept. Problems: those of Copy, and copy.days.
func (s *Service) IssueReading(ctx context.Context, r CopyRequest, days int) (ReadingCopy, error) {
	if days < 1 || days > sohoa.MaxReadingDays {
		return ReadingCopy{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "copy.days", Args: []string{strconv.Itoa(sohoa.MaxReadingDays)}}
	}
	doc, err := s.copyable(ctx, r)
	if err != nil {
		return ReadingCopy{}, err
	}
	c := ReadingCopy{Document: doc, Secret: sohoa.NewLookup(), Until: s.Now().UTC().Add(time.Duration(days) * 24 * time.Hour).Truncate(time.Second)}
	if c.Agency, err = s.agencyName(ctx, doc); err != nil {
		return c, err
	}
	if c.Agency == "" {
		return c, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "copy.no-agency", Args: []string{doc.Dossier}}
	}
	return c, s.journalCopy(ctx, r, doc, detail{"kind": CopyReading, "until": c.Until, "link": linkOf(c.Secret)})
}

// linkOf is what the journal has of a secret.
func linkOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Reading finds a reading copy that was issued: copy.unknown if none was,
// copy.ended if it is over.
func (s *Service) Reading(ctx context.Context, id sohoa.DocumentID, secret string) (ReadingCopy, error) {
	unknown := &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "copy.unknown"}
	secret, err := sohoa.ParseLookup(secret)
	if err != nil {
		return ReadingCopy{}, unknown
	}
	history, err := s.Catalog.History(ctx, id)
	if err != nil {
		return ReadingCopy{}, err
	}
	g, found := issued(history, linkOf(secret))
	if !found {
		return ReadingCopy{}, unknown
	}
	if !g.Open(s.Now()) {
		return ReadingCopy{}, ended(g)
	}
	c := ReadingCopy{Until: g.Until}
	if c.Document, err = s.Catalog.Document(ctx, sohoa.Everything, id); err != nil {
		return c, unknown
	}
	if err := giveable(c.Document); err != nil {
		return c, unknown
	}
	c.Agency, err = s.agencyName(ctx, c.Document)
	return c, err
}

// issued finds a reading copy by what the journal has of its secret.
func issued(history []sohoa.Entry, link string) (Given, bool) {
	for _, g := range given(history) {
		if g.Kind == CopyReading && g.Link == link {
			return g, true
		}
	}
	return Given{}, false
}
