package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/pdfa"
	"sohoa/ingest/queue"
	"sohoa/ocr/fields"
	"sohoa/signing"
)

// producer stands in the PDFs that we make.
const producer = "sohoa"

// compose makes the pdf rendition and the access copy. Scans become PDF/A-2u
// with the recognised text under the image; a PDF that was born digital, or
// carries signatures, stays as it is and is its own access copy.
func (s *Service) compose(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	if doc.Stage != sohoa.StageCompose {
		return errGone
	}
	texts, err := s.texts(ctx, doc)
	if err != nil {
		return err
	}
	again, err := s.readTurned(ctx, doc, texts)
	if err != nil {
		return err
	}
	m, err := s.renditions(ctx, doc, texts)
	if err != nil {
		return fmt.Errorf("compose %s: %w", doc.ID, err)
	}
	found := fields.Find(present(texts))
	doc.Stage = sohoa.StageSign
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if err := s.composed(tx, doc); err != nil {
			return err
		}
		if doc, err = current(tx, doc); err != nil {
			return err
		}
		doc.Fields = withConfirmed(doc.Fields, found)
		doc.FieldsAt++
		doc.Waits = ""
		if s.ConfirmFirst && doc.Unconfirmed() {
			doc.Waits = sohoa.WaitFields
		}
		for _, r := range again {
			if err := r.enter(tx, s, doc); err != nil {
				return err
			}
		}
		for _, f := range m.files {
			if err := tx.PutFile(doc.ID, f); err != nil {
				return err
			}
		}
		for number, t := range m.treatments {
			page, err := tx.Page(doc.ID, number)
			if err != nil {
				return err
			}
			page.PDF, page.Access = t.pdf, t.access
			if err := tx.PutPage(page); err != nil {
				return err
			}
		}
		return s.advance(tx, job, doc, sohoa.ActionCompose, m.detail(doc))
	})
}

// advance commits the end of a stage of the whole document: the document as
// it now is, the entry, and the job of the stage that comes next, unless it
// waits for a person.
func (s *Service) advance(tx archive.Tx, job *queue.Running, doc sohoa.Document, action sohoa.Action, d detail) error {
	now, err := tx.Document(doc.ID)
	if err != nil {
		return err
	}
	taken(&doc, now)
	if err := tx.PutDocument(doc); err != nil {
		return err
	}
	if err := s.journal(tx, doc, action, d); err != nil {
		return err
	}
	if doc.Waits == "" {
		if err := tx.Enqueue(archive.Job{Stage: doc.Stage, Document: doc.ID}); err != nil {
			return err
		}
	}
	return tx.Complete(job)
}

// made is what compose has made: files, and by page number what was done to
// its image for each.
type made struct {
	files      []sohoa.File
	treatments map[int]treatments
}

type treatments struct{ pdf, access sohoa.Treatment }

// detail is what the journal keeps of it.
func (m made) detail(doc sohoa.Document) detail {
	d, unchanged := detail{"master": doc.Master}, 0
	for _, f := range m.files {
		d["sha256."+string(f.Role)] = f.Digest.String()
	}
	for number, t := range m.treatments {
		if t.pdf.Form == sohoa.FormOriginal {
			unchanged++
		}
		if t.pdf.Reason != "" {
			d[fmt.Sprintf("page %d", number)] = t.pdf.Reason
		}
	}
	d["unchanged"] = unchanged
	return d
}

// renditions makes the files of doc.
func (s *Service) renditions(ctx context.Context, doc sohoa.Document, texts []*sohoa.PageText) (made, error) {
	m := made{treatments: map[int]treatments{}}
	if doc.Master == sohoa.MasterOriginal {
		f, err := s.file(ctx, doc.ID, sohoa.RoleOriginal, 0)
		f.Role = sohoa.RolePDF
		m.files = []sohoa.File{f}
		return m, err
	}
	pages, err := s.Catalog.Pages(ctx, doc.ID)
	if err != nil {
		return m, err
	}
	if len(pages) != len(texts) {
		return m, errOvertaken
	}
	b := book{doc: doc, pages: pages, texts: texts}
	pdf, err := s.produce(ctx, doc.ID, sohoa.File{Role: sohoa.RolePDF, Key: pdfKey(doc.ID)}, func(w *os.File) (err error) {
		b.pdf, err = s.writePDFA(ctx, w, b, sohoa.RolePDF)
		return err
	})
	if err != nil {
		return m, err
	}
	m.files = append(m.files, pdf)
	access, err := s.accessCopy(ctx, &b, pdf.Size)
	if err != nil {
		return m, fmt.Errorf("access copy: %w", err)
	}
	if access != nil {
		m.files = append(m.files, *access)
	}
	for i, p := range pages {
		m.treatments[p.Number] = treatments{b.pdf[i], b.access[i]}
	}
	return m, nil
}

// book is a scan with all that its renditions are made of, and what became of
// its pages in each.
type book struct {
	doc         sohoa.Document
	pages       []sohoa.Page
	texts       []*sohoa.PageText // by page; nil for none
	pdf, access []sohoa.Treatment // by page, once written
}

// leastSaving is the part of the pdf rendition that an access copy has to save,
// one in so many.
const leastSaving = 20

// errNoSmaller ends the making of an access copy that would save nothing.
var errNoSmaller = errors.New("the access copy is no smaller")

// accessCopy makes the access copy of b, whose pdf rendition has size bytes.
// It returns nil where the copy would not be smaller, or none is wanted.
func (s *Service) accessCopy(ctx context.Context, b *book, size int64) (*sohoa.File, error) {
	b.access = make([]sohoa.Treatment, len(b.pages))
	if !s.wantsAccess() {
		return nil, nil
	}
	f, err := s.produce(ctx, b.doc.ID, sohoa.File{Role: sohoa.RoleAccess, Key: accessKey(b.doc.ID)}, func(w *os.File) (err error) {
		if b.access, err = s.writePDFA(ctx, w, *b, sohoa.RoleAccess); err != nil {
			return err
		}
		if at, err := w.Seek(0, io.SeekEnd); err != nil || at > size-size/leastSaving {
			return errors.Join(err, errNoSmaller)
		}
		return nil
	})
	if errors.Is(err, errNoSmaller) {
		return nil, nil
	}
	return &f, err
}

// wantsAccess reports whether access copies are made.
func (s *Service) wantsAccess() bool { return s.Fidelity != "" && s.Fidelity != sohoa.FidelityNone }

// produce makes a PDF of a document in a working file and stores it. While its
// bytes pass, what its next signature needs is noted.
func (s *Service) produce(ctx context.Context, id sohoa.DocumentID, as sohoa.File, make func(*os.File) error) (sohoa.File, error) {
	f, err := s.temp()
	if err != nil {
		return sohoa.File{}, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := make(f); err != nil {
		return sohoa.File{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return sohoa.File{}, err
	}
	noter := signing.NewNoter()
	info, err := s.Blobs.Put(ctx, as.Key, io.TeeReader(f, noter))
	if err != nil {
		return sohoa.File{}, err
	}
	as.Size, as.Digest, as.MediaType = info.Size, info.Digest, "application/pdf"
	base, err := noter.Base(f)
	if err != nil {
		return sohoa.File{}, err
	}
	s.note(ctx, id, as, base)
	return as, nil
}

// writePDFA writes the pages of b as one of its renditions, checks the
// finished file, and reports what became of each page.
func (s *Service) writePDFA(ctx context.Context, f *os.File, b book, role sohoa.Role) ([]sohoa.Treatment, error) {
	w := pdfa.NewWriter(f, pdfa.Options{
		Title: b.doc.Name, Subject: b.doc.Dossier, Language: "vi-VN", Created: b.doc.AcceptedAt,
		Identifier: b.doc.ID.String(), Producer: producer,
	})
	done := make([]sohoa.Treatment, len(b.pages))
	for i, p := range b.pages {
		page := pdfa.Page{MediaType: p.MediaType, DPI: p.DPI, Turn: p.Turn, Text: b.texts[i]}
		var err error
		if page.Image, err = s.bytes(ctx, b.doc.ID, sohoa.RoleImage, p.Number); err != nil {
			return nil, err
		}
		if role == sohoa.RoleAccess {
			if page.Layers, err = s.layers(ctx, p, page); err != nil {
				return nil, err
			}
		}
		report, err := w.AddPage(page)
		if err != nil && page.Layers != nil {
			// The scan itself is never refused for what was made of it.
			page.Layers = failedLayers(p, err)
			report, err = w.AddPage(page)
		}
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", p.Number, err)
		}
		done[i] = report.Treatment
	}
	if _, err := w.Close(); err != nil {
		return nil, err
	}
	return done, lint(f)
}

// lint reads a finished PDF/A back and checks it.
func lint(f *os.File) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	return pdfa.Lint(f, size)
}

// texts returns the text of each page in order, nil for one without.
func (s *Service) texts(ctx context.Context, doc sohoa.Document) ([]*sohoa.PageText, error) {
	texts := make([]*sohoa.PageText, doc.Pages)
	files, err := s.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.Role != sohoa.RoleText || f.Page < 1 || f.Page > doc.Pages {
			continue
		}
		if texts[f.Page-1], err = s.TextAt(ctx, f.Key); err != nil {
			return nil, fmt.Errorf("text of page %d of %s: %w", f.Page, doc.ID, err)
		}
	}
	return texts, nil
}

// TextAt reads the text of a page, given the key of its file.
func (s *Service) TextAt(ctx context.Context, key string) (*sohoa.PageText, error) {
	b, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	text := new(sohoa.PageText)
	return text, json.NewDecoder(b).Decode(text)
}

// PageText returns the text of one page.
func (s *Service) PageText(ctx context.Context, id sohoa.DocumentID, page int) (sohoa.PageText, error) {
	f, err := s.file(ctx, id, sohoa.RoleText, page)
	if err != nil {
		return sohoa.PageText{}, err
	}
	text, err := s.TextAt(ctx, f.Key)
	if err != nil {
		return sohoa.PageText{}, err
	}
	return *text, nil
}

// present leaves out the pages without text.
func present(texts []*sohoa.PageText) []sohoa.PageText {
	var all []sohoa.PageText
	for _, t := range texts {
		if t != nil {
			all = append(all, *t)
		}
	}
	return all
}
