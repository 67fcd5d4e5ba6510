package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing/validation"
)

// kept is what everybody may know of a document whose lookup code they have:
// nothing that stands on it, and no citizen's name.
type kept struct {
	Code    string // in groups
	Agency  string // that keeps it
	Fields  []sohoa.Field
	Pages   int
	File    sohoa.File // the signed file; the master where nothing is signed
	Signed  bool
	Report  *validation.Report // of the signed file, now; nil without one
	Signers []keptSigner
	Force   force
	Moved   bool // all of its pages went to other documents
	doc     sohoa.Document
}

// Unchecked is as reportPart.Unchecked.
func (k kept) Unchecked() bool { return k.Report != nil && reportPart{Report: k.Report}.Unchecked() }

// keptSigner is one signature as everybody may know it.
type keptSigner struct {
	Name string // empty for a person who signed for no agency
	*validation.Signature
}

// publicFields are the values from a document that name no citizen.
var publicFields = []string{sohoa.FieldTypeName, sohoa.FieldCodeNumber, sohoa.FieldCodeNotation, sohoa.FieldIssuedDate, sohoa.FieldOrganName}

// lookup finds the document of a code. Whoever asks too often is refused; a
// code that cannot be one costs as much as one that nobody has.
func (s *Server) lookup(ctx context.Context, code string) (sohoa.Document, error) {
	if !s.lookups.take(visitOf(ctx).addr) {
		return sohoa.Document{}, newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	parsed, err := sohoa.ParseLookup(code)
	if err != nil {
		return sohoa.Document{}, err
	}
	doc, err := s.cfg.Catalog.Lookup(ctx, parsed)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && unserved(doc) {
		return doc, newProblem(sohoa.ErrNotExist, "lookup.unknown")
	}
	return doc, err
}

// keptOf gathers what everybody may know of a document, and notes in the
// journal that somebody asked.
func (s *Server) keptOf(ctx context.Context, doc sohoa.Document) (kept, error) {
	k := kept{Code: sohoa.FormatLookup(doc.Lookup), Pages: doc.Pages, Moved: len(doc.MovedTo) > 0, Force: s.forceOf(doc.Life), doc: doc}
	if err := s.journalLookup(ctx, doc, ""); err != nil {
		return k, err
	}
	dossier, err := s.cfg.Catalog.Dossier(ctx, sohoa.Everything, doc.Dossier)
	if err != nil {
		return k, err
	}
	if k.Agency, err = s.agencyName(ctx, dossier.Agency); err != nil {
		return k, err
	}
	for _, f := range doc.Valued() {
		if slices.Contains(publicFields, f.Name) {
			k.Fields = append(k.Fields, f)
		}
	}
	return k, s.judge(ctx, &k)
}

// judge checks the file that is kept, as it is stored now.
func (s *Server) judge(ctx context.Context, k *kept) error {
	blob, file, err := s.keptFile(ctx, k.doc)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer blob.Close()
	k.File, k.Signed = file, file.Role == sohoa.RoleSigned
	if !k.Signed {
		return nil
	}
	if k.Report, err = s.validate(ctx, blob, blob.Size()); err != nil {
		return err
	}
	for i := range k.Report.Signatures {
		if sig := &k.Report.Signatures[i]; sig.Type == validation.TypeSignature {
			k.Signers = append(k.Signers, keptSigner{publicName(k.doc, sig), sig})
		}
	}
	return nil
}

// keptFile opens the file that a copy is compared with: the signed one, or the
// master where nothing is signed.
func (s *Server) keptFile(ctx context.Context, doc sohoa.Document) (archive.Blob, sohoa.File, error) {
	blob, file, err := s.cfg.Intake.Open(ctx, doc.ID, sohoa.RoleSigned, 0)
	if errors.Is(err, sohoa.ErrNotExist) {
		return s.cfg.Intake.Open(ctx, doc.ID, sohoa.RolePDF, 0)
	}
	return blob, file, err
}

// publicName is who signed, as far as everybody may know: officials and
// agencies, who sign here or for an organisation. Citizens sign what they
// bring; their names are not shown.
func publicName(doc sohoa.Document, s *validation.Signature) string {
	here := doc.Master != sohoa.MasterOriginal || slices.ContainsFunc(doc.Signatures, func(m sohoa.SignatureMade) bool { return m.Field == s.Field })
	switch {
	case s.Organisation != "" && s.Organisation != s.Signer:
		return s.Signer + ", " + s.Organisation
	case here || s.Organisation != "":
		return s.Signer
	}
	return ""
}

// agencyName is the name of an agency; its code where there is no name.
func (s *Server) agencyName(ctx context.Context, code string) (string, error) {
	agencies, err := s.cfg.Catalog.Agencies(ctx)
	for _, a := range agencies {
		if a.Code == code {
			return a.Name, err
		}
	}
	return code, err
}

// byEverybody is the actor of what people do who have no account.
const byEverybody = "public"

// journalLookup notes that somebody asked for a document by its code, and what
// the comparison with their file said.
func (s *Server) journalLookup(ctx context.Context, doc sohoa.Document, outcome relation) error {
	v, actor := visitOf(ctx), byEverybody
	if v.user != nil {
		actor = v.user.Name
	}
	key := strings.Join([]string{"lookup", actor, v.addr, doc.ID.String(), string(outcome)}, "\x00")
	if s.seen.has(key) {
		return nil
	}
	detail := map[string]string{"address": v.addr}
	if outcome != "" {
		detail["compared"] = string(outcome)
	}
	b, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	err = s.journal(ctx, sohoa.Entry{Actor: actor, Action: sohoa.ActionLookup, Document: doc.ID, Dossier: doc.Dossier, Detail: string(b)})
	if err == nil {
		s.seen.add(key)
	}
	return err
}

// relation says what a file that somebody has is to the one that is kept.
type relation string

// The relations.
const (
	relationSame      relation = "same"      // byte for byte
	relationExtended  relation = "extended"  // all of the kept file, and more after it
	relationEarlier   relation = "earlier"   // the beginning of the kept file: an earlier revision
	relationContent   relation = "content"   // what was signed is the same; what lies in the signature is not, as after a late timestamp
	relationRendition relation = "rendition" // another file of the same document: unsigned, or the original
	relationOther     relation = "other"
)

// relate compares a file with what is kept of a document; report is of the
// file.
func (s *Server) relate(ctx context.Context, k kept, file io.ReaderAt, report *validation.Report) (relation, error) {
	blob, _, err := s.keptFile(ctx, k.doc)
	if err != nil {
		return "", err
	}
	defer blob.Close()
	ours, theirs := blob.Size(), report.Size
	begins, err := equalRange(blob, file, 0, min(ours, theirs))
	if err != nil {
		return "", err
	}
	switch {
	case begins && ours == theirs:
		return relationSame, nil
	case begins && theirs > ours:
		return relationExtended, nil
	case begins:
		return relationEarlier, nil
	}
	if same, err := sameContent(k.Report, report, blob, file); same || err != nil {
		return relationContent, err
	}
	return s.rendition(ctx, k.doc, io.NewSectionReader(file, 0, theirs))
}

// sameContent reports whether an intact signature of one file covers the very
// bytes that one of the other covers.
func sameContent(ours, theirs *validation.Report, a, b io.ReaderAt) (bool, error) {
	if ours == nil {
		return false, nil
	}
	for i := range ours.Signatures {
		for j := range theirs.Signatures {
			s, t := &ours.Signatures[i], &theirs.Signatures[j]
			if !s.Intact() || !t.Intact() || !slices.Equal(s.Covers.ByteRange, t.Covers.ByteRange) {
				continue
			}
			r := s.Covers.ByteRange
			first, err := equalRange(a, b, r[0], r[1])
			second, err2 := equalRange(a, b, r[2], r[3])
			if first && second || errors.Join(err, err2) != nil {
				return first && second, errors.Join(err, err2)
			}
		}
	}
	return false, nil
}

// rendition looks for a file among the others of a document.
func (s *Server) rendition(ctx context.Context, doc sohoa.Document, file io.Reader) (relation, error) {
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	digest := sohoa.Digest(h.Sum(nil))
	files, err := s.cfg.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(files, func(f sohoa.File) bool { return f.Page == 0 && f.Digest == digest }) {
		return relationRendition, nil
	}
	return relationOther, nil
}

// compareBlock is how much of two files is compared at a time.
const compareBlock = 1 << 20

// equalRange reports whether two files have the same length bytes from offset
// on.
func equalRange(a, b io.ReaderAt, offset, length int64) (bool, error) {
	bufA, bufB := make([]byte, compareBlock), make([]byte, compareBlock)
	for length > 0 {
		n := min(length, compareBlock)
		if _, err := io.ReadFull(io.NewSectionReader(a, offset, n), bufA[:n]); err != nil {
			return false, err
		}
		if _, err := io.ReadFull(io.NewSectionReader(b, offset, n), bufB[:n]); err != nil {
			return false, err
		}
		if !bytes.Equal(bufA[:n], bufB[:n]) {
			return false, nil
		}
		offset, length = offset+n, length-n
	}
	return true, nil
}
