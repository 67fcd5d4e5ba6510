package ingest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/raster"
)

// Request is one file that someone brings.
type Request struct {
	Dossier string // code of a dossier that exists
	Name    string // file name as the sender gives it; only shown, never used as a path
	Actor   string
	Purpose string
	Body    io.Reader
	Size    int64 // of Body in bytes; negative if unknown. A shorter Body is an interrupted upload
	Hold    bool  // a person will arrange the pages: not to be signed before Release

	Requirement string // Requirement.Code of the paper that it is; empty if nobody said
	Expected    int    // pages that were counted on the paper; 0 if nobody did

	within func(tx archive.Tx, doc *sohoa.Document) error // what else is entered with a new document
}

// sniffBytes is how much of a file is looked at before it is stored.
const sniffBytes = 1024

// Accept stores a file and puts it to work. When it returns a document, the
// file's bytes and its place in the catalogue are durable. The same bytes in
// the same dossier are answered with the document that is there, and existing
// is true. Nothing remains of a file that is refused.
func (s *Service) Accept(ctx context.Context, r Request) (doc sohoa.Document, existing bool, err error) {
	if err := s.acceptable(ctx, r); err != nil {
		return doc, false, err
	}
	doc = sohoa.Document{
		ID: sohoa.NewDocumentID(s.Now()), Dossier: r.Dossier, Name: CleanName(r.Name),
		State: sohoa.StateAccepted, Stage: sohoa.StageSplit, Signature: sohoa.SignaturePending,
		AcceptedAt: s.Now().UTC(), AcceptedBy: r.Actor, Held: r.Hold || s.HoldAll, Expected: r.Expected,
	}
	file, err := s.storeOriginal(ctx, &doc, r)
	if err != nil {
		return doc, false, fmt.Errorf("accept %q: %w", doc.Name, err)
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		var found sohoa.Document
		found, err := tx.FindDigest(doc.Dossier, doc.Digest)
		if err == nil {
			existing = true
			doc, err = s.toldAgain(tx, found, r)
			return err
		}
		if !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		if err := s.told(tx, &doc, r); err != nil {
			return err
		}
		return enter(tx, doc, file, r)
	})
	if err != nil || existing {
		// Not in the catalogue, so nobody can refer to these bytes. If this
		// fails, Sweep finds them.
		_ = s.Blobs.Remove(context.WithoutCancel(ctx), file.Key)
	}
	if err != nil {
		return doc, false, fmt.Errorf("accept %q: %w", doc.Name, err)
	}
	return doc, existing, nil
}

// acceptable reports as a Problem what can be said about a file before its
// bytes are there.
func (s *Service) acceptable(ctx context.Context, r Request) error {
	if err := sohoa.CheckExpected(r.Expected); err != nil {
		return err
	}
	if _, err := s.Catalog.Dossier(ctx, sohoa.Everything, r.Dossier); err != nil || r.Requirement == "" {
		return err
	}
	a, err := s.asked(ctx, sohoa.Everything, r.Dossier, r.Requirement)
	if err != nil {
		return err
	}
	omitted, err := s.Catalog.Omissions(ctx, sohoa.Everything, r.Dossier)
	if o := omissionOf(omitted, r.Requirement); o != nil && o.Reason == sohoa.OmitSecret {
		return conflict("paper.secret", a.requirement.Name)
	}
	return err
}

// told enters in a new document what is said about it.
func (s *Service) told(tx archive.Tx, doc *sohoa.Document, r Request) error {
	if r.Requirement == "" {
		return nil
	}
	asked, err := s.receivable(tx, ReuseActor{Name: r.Actor}, r.Dossier, r.Requirement)
	doc.Life.Requirement, doc.Life.Type, doc.Life.Change = r.Requirement, asked.OnlyType(), 1
	return err
}

// toldAgain enters what is said about a file that is there already, as far as
// nothing was said about it before.
func (s *Service) toldAgain(tx archive.Tx, doc sohoa.Document, r Request) (sohoa.Document, error) {
	by := ReuseActor{Name: r.Actor}
	if r.Requirement != "" && doc.Life.Requirement == "" && doc.State != sohoa.StateDestroying && doc.State != sohoa.StateDestroyed {
		var err error
		if doc, err = s.assignIn(tx, by, doc, r.Requirement); err != nil {
			return doc, err
		}
	}
	if r.Expected == 0 || doc.Expected != 0 || unsigned(doc) != nil {
		return doc, nil
	}
	doc.Expected = r.Expected
	if err := s.journalBy(tx, r.Actor, doc, sohoa.ActionExpect, detail{"expected": r.Expected}); err != nil {
		return doc, err
	}
	return doc, s.counted(tx, r.Actor, &doc)
}

// enter makes a stored file a document.
func enter(tx archive.Tx, doc sohoa.Document, file sohoa.File, r Request) error {
	if r.within != nil {
		if err := r.within(tx, &doc); err != nil {
			return err
		}
	}
	if err := tx.PutDocument(doc); err != nil {
		return err
	}
	if err := tx.PutFile(doc.ID, file); err != nil {
		return err
	}
	note := detail{"sha256": doc.Digest.String(), "size": doc.Size}
	if doc.Held {
		note["held"] = true
	}
	if r.Requirement != "" {
		note["requirement"] = r.Requirement
	}
	if r.Expected > 0 {
		note["expected"] = r.Expected
	}
	text, err := json.Marshal(note)
	if err != nil {
		return err
	}
	_, err = tx.Append(sohoa.Entry{Actor: r.Actor, Action: sohoa.ActionAccept, Document: doc.ID, Dossier: doc.Dossier,
		Purpose: r.Purpose, Detail: string(text)})
	if err != nil {
		return err
	}
	return tx.Enqueue(archive.Job{Stage: sohoa.StageSplit, Document: doc.ID})
}

// storeOriginal writes the body to the object store and fills in what is
// then known of doc.
func (s *Service) storeOriginal(ctx context.Context, doc *sohoa.Document, r Request) (sohoa.File, error) {
	body := bufio.NewReaderSize(&bounded{r: r.Body, name: doc.Name, want: r.Size}, sniffBytes)
	head, err := body.Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return sohoa.File{}, err
	}
	if len(head) == 0 {
		return sohoa.File{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.empty", Args: []string{doc.Name}}
	}
	mediaType, ok := raster.Sniff(head)
	if !ok {
		return sohoa.File{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.type", Args: []string{doc.Name, mediaType}}
	}
	info, err := s.Blobs.Put(ctx, originalKey(doc.ID), body)
	if err != nil {
		return sohoa.File{}, err
	}
	doc.MediaType, doc.Size, doc.Digest = mediaType, info.Size, info.Digest
	return sohoa.File{Role: sohoa.RoleOriginal, Key: info.Key, Size: info.Size, Digest: info.Digest, MediaType: mediaType}, nil
}

// bounded passes a body on and fails when it is too long or ends early.
type bounded struct {
	r    io.Reader
	name string
	want int64 // negative if unknown
	n    int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	if b.n > sohoa.MaxUploadBytes {
		limit := fmt.Sprintf("%d MiB", sohoa.MaxUploadBytes>>20)
		return n, &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "file.too-large", Args: []string{b.name, limit}}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF && b.want >= 0 && b.n < b.want {
		return n, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.incomplete", Args: []string{b.name}}
	}
	return n, err
}

// CleanName makes a sender's file name fit to be shown: NFC, the last path
// element, no control or direction characters, no more than
// sohoa.MaxNameRunes, the middle left out of longer ones. It is never empty.
func CleanName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "\uFFFD"))
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if strings.Trim(name, "./") == "" {
		return "khong-ten"
	}
	runes := []rune(name)
	if keep := (sohoa.MaxNameRunes - 1) / 2; len(runes) > sohoa.MaxNameRunes {
		name = string(runes[:keep]) + "…" + string(runes[len(runes)-keep:])
	}
	return name
}
