package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/signing"
	"sohoa/signing/testca"
	"sohoa/web"
)

// shelf is a web.Intake on the real stores whose stages run when the test
// says so. Its pages are the uploaded images, its text what is known to stand
// on the sample scans.
type shelf struct {
	*ingest.Service // arranges pages
	t               testing.TB
	catalog         archive.Catalog
	blobs           archive.Blobs
	index           *bleve.Index
	ca              *testca.Authority

	mu     sync.Mutex
	fault  error // what Accept answers
	cursor uint64

	repairs []string // who asked for repairs of the copies
}

var _ web.Intake = (*shelf)(nil)

func (s *shelf) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = err
}

func (s *shelf) Accept(ctx context.Context, r ingest.Request) (doc sohoa.Document, existing bool, err error) {
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	if fault != nil {
		return doc, false, fault
	}
	omitted, err := s.catalog.Omissions(ctx, sohoa.Everything, r.Dossier)
	for _, o := range omitted {
		if o.Requirement == r.Requirement && o.Reason == sohoa.OmitSecret {
			return doc, false, &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "paper.secret", Args: []string{r.Requirement}}
		}
	}
	if err != nil {
		return doc, false, err
	}
	doc = sohoa.Document{
		ID: sohoa.NewDocumentID(time.Now()), Dossier: r.Dossier, Name: ingest.CleanName(r.Name), MediaType: "image/jpeg",
		State: sohoa.StateAccepted, Stage: sohoa.StageSplit, Signature: sohoa.SignaturePending,
		AcceptedAt: time.Now().UTC(), AcceptedBy: r.Actor, Held: r.Hold, Expected: r.Expected,
	}
	file, err := s.put(ctx, doc.ID, sohoa.RoleOriginal, 0, r.Body)
	if err != nil {
		return doc, false, err
	}
	if file.Size == 0 {
		return doc, false, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.empty", Args: []string{doc.Name}}
	}
	doc.Size, doc.Digest = file.Size, file.Digest
	err = s.catalog.Update(ctx, func(tx archive.Tx) error {
		found, err := tx.FindDigest(doc.Dossier, doc.Digest)
		if err == nil {
			doc, existing = found, true
			return nil
		}
		if !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		_, err = tx.Append(sohoa.Entry{Actor: r.Actor, Action: sohoa.ActionAccept, Document: doc.ID, Dossier: doc.Dossier, Purpose: r.Purpose})
		return errors.Join(err, tx.PutDocument(doc), tx.PutFile(doc.ID, file))
	})
	if err == nil && r.Requirement != "" && !existing {
		doc, err = s.Assign(ctx, ingest.ReuseActor{Name: r.Actor, Scope: sohoa.Everything}, doc.ID, r.Requirement)
	}
	return doc, existing, err
}

// put stores a file under a key of its own.
func (s *shelf) put(ctx context.Context, id sohoa.DocumentID, role sohoa.Role, page int, r io.Reader) (sohoa.File, error) {
	key := fmt.Sprintf("files/%s/%s-%d", id, role, page)
	info, err := s.blobs.Put(ctx, key, r)
	types := map[sohoa.Role]string{sohoa.RoleText: "application/json", sohoa.RolePDF: "application/pdf", sohoa.RoleSigned: "application/pdf"}
	mediaType := types[role]
	if mediaType == "" {
		mediaType = "image/jpeg"
	}
	return sohoa.File{Role: role, Page: page, Key: key, Size: info.Size, Digest: info.Digest, MediaType: mediaType}, err
}

func (s *shelf) Retry(ctx context.Context, actor string, id sohoa.DocumentID) error {
	return s.change(ctx, id, sohoa.Entry{Actor: actor, Action: sohoa.ActionRetry}, func(tx archive.Tx, d *sohoa.Document) error {
		if d.State == sohoa.StateParked {
			d.State, d.Problem = sohoa.StateAccepted, nil
		}
		return nil
	})
}

func (s *shelf) Open(ctx context.Context, id sohoa.DocumentID, role sohoa.Role, page int) (archive.Blob, sohoa.File, error) {
	files, err := s.catalog.Files(ctx, id)
	if err != nil {
		return nil, sohoa.File{}, err
	}
	for _, f := range files {
		if f.Role == role && f.Page == page {
			b, err := s.blobs.Open(ctx, f.Key)
			return b, f, err
		}
	}
	return nil, sohoa.File{}, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "file.unknown", Args: []string{id.String(), string(role)}}
}

// change alters a document and appends an entry about it.
func (s *shelf) change(ctx context.Context, id sohoa.DocumentID, e sohoa.Entry, f func(archive.Tx, *sohoa.Document) error) error {
	return s.catalog.Update(ctx, func(tx archive.Tx) error {
		d, err := tx.Document(id)
		if err != nil {
			return err
		}
		if err := f(tx, &d); err != nil {
			return err
		}
		e.Document, e.Dossier = id, d.Dossier
		_, err = tx.Append(e)
		return errors.Join(err, tx.PutDocument(d))
	})
}

func (s *shelf) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// park stops a document with a reason.
func (s *shelf) park(id sohoa.DocumentID, p *sohoa.Problem) {
	s.t.Helper()
	s.must(s.change(s.t.Context(), id, sohoa.Entry{Actor: "system", Action: sohoa.ActionPark}, func(tx archive.Tx, d *sohoa.Document) error {
		d.State, d.Stage, d.Problem = sohoa.StateParked, sohoa.StageSplit, p
		return nil
	}))
}

// split gives a document one page for each of the named sample scans.
func (s *shelf) split(id sohoa.DocumentID, scans ...string) {
	s.t.Helper()
	ctx := s.t.Context()
	s.must(s.change(ctx, id, sohoa.Entry{Actor: "system", Action: sohoa.ActionSplit}, func(tx archive.Tx, d *sohoa.Document) error {
		for i, name := range scans {
			data := scan(s.t, name)
			text := truth(s.t, name, i+1)
			width, height := text.Width, text.Height
			if text.Turn%180 != 0 {
				width, height = height, width
			}
			p := sohoa.Page{Document: id, Number: i + 1, Width: width, Height: height, DPI: text.DPI, Turn: text.Turn,
				Source: sohoa.SourceImage, MediaType: "image/jpeg", Image: sohoa.Sum(data)}
			file, err := s.put(ctx, id, sohoa.RoleImage, i+1, bytes.NewReader(data))
			small, err2 := s.put(ctx, id, sohoa.RoleThumb, i+1, bytes.NewReader(thumbnail(s.t, data, text.Turn)))
			if err := errors.Join(err, err2, tx.PutPage(p), tx.PutFile(id, file), tx.PutFile(id, small)); err != nil {
				return err
			}
		}
		d.State, d.Stage, d.Pages = sohoa.StateReading, sohoa.StageRead, len(scans)
		if d.Miscounted() != nil {
			d.Held, d.HeldCount = true, true
		}
		return nil
	}))
}

// read finishes one page.
func (s *shelf) read(id sohoa.DocumentID, number int, scan string) {
	s.t.Helper()
	s.readAs(id, number, truth(s.t, scan, number))
}

// readAs reads a page as having a text.
func (s *shelf) readAs(id sohoa.DocumentID, number int, text sohoa.PageText) {
	s.t.Helper()
	ctx := s.t.Context()
	data, err := json.Marshal(text)
	s.must(err)
	file, err := s.put(ctx, id, sohoa.RoleText, number, bytes.NewReader(data))
	s.must(err)
	s.must(s.change(ctx, id, sohoa.Entry{Actor: "system", Action: sohoa.ActionRead, Page: number}, func(tx archive.Tx, d *sohoa.Document) error {
		p, err := tx.Page(id, number)
		if err != nil {
			return err
		}
		p.Read, p.TextSource, p.Words, p.Confidence, p.Blank = true, sohoa.TextOCR, countWords(text), 91, len(text.Lines) == 0
		d.PagesRead++
		if d.PagesRead == d.Pages {
			d.State, d.Stage = sohoa.StateRead, sohoa.StageCompose
		}
		return errors.Join(tx.PutPage(p), tx.PutFile(id, file))
	}))
	s.find(id, number, text)
}

// find puts a page into the index.
func (s *shelf) find(id sohoa.DocumentID, number int, text sohoa.PageText) {
	s.t.Helper()
	ctx := s.t.Context()
	d, err := s.catalog.Document(ctx, sohoa.Everything, id)
	s.must(err)
	dossier, err := s.catalog.Dossier(ctx, sohoa.Everything, d.Dossier)
	s.must(err)
	fields := map[string]string{}
	for _, f := range d.Valued() {
		fields[f.Name] = f.Value
	}
	s.cursor++
	s.must(s.index.Apply(ctx, []search.Change{{Document: id, Page: number, Put: &search.PageDoc{
		Document: id, Page: number, Text: search.PlainText(text), Name: d.Name, Dossier: d.Dossier, Agency: dossier.Agency,
		Owner: dossier.Owner.Name, Accepted: d.AcceptedAt, State: d.State, Fields: fields,
	}}}, s.cursor))
	s.must(s.index.CaughtUp(ctx))
}

// keep gives a document a PDF, signs it and says that it is kept.
func (s *shelf) keep(id sohoa.DocumentID) {
	s.t.Helper()
	ctx := s.t.Context()
	plain := scan(s.t, "bien-ban-01.pdf")
	pdf, err := s.put(ctx, id, sohoa.RolePDF, 0, bytes.NewReader(plain))
	s.must(err)
	signed, err := s.put(ctx, id, sohoa.RoleSigned, 0, bytes.NewReader(signPDF(s.t, s.ca, plain)))
	s.must(err)
	s.must(s.change(ctx, id, sohoa.Entry{Actor: "system", Action: sohoa.ActionKeep}, func(tx archive.Tx, d *sohoa.Document) error {
		d.State, d.Stage, d.Signature, d.Revision, d.KeptAt = sohoa.StateKept, "", sohoa.SignatureBasic, 1, time.Now().UTC()
		d.Master = sohoa.MasterPDFA
		d.Fields = []sohoa.Field{
			{Name: sohoa.FieldTypeName, Value: "Quyết định", Page: 1, Confidence: 95},
			{Name: sohoa.FieldIssuedDate, Value: "2023-03-02", Page: 1, Confidence: 90},
		}
		return errors.Join(tx.PutFile(id, pdf), tx.PutFile(id, signed))
	}))
}

func signPDF(t testing.TB, ca *testca.Authority, pdf []byte) []byte {
	t.Helper()
	id, err := ca.Agency("UBND xã Kỳ Sơn")
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
	var out bytes.Buffer
	if _, err := signing.Sign(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), &out, key, signing.Request{Reserve: 16_000}, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// truth is what stands on a sample scan, as recognition would give it: lines
// from the truth file, cut into words in proportion to their letters, placed
// on the upright page.
func truth(t testing.TB, scanName string, page int) sohoa.PageText {
	t.Helper()
	name := strings.TrimSuffix(scanName, filepath.Ext(scanName)) + ".json"
	data, err := os.ReadFile(filepath.Join("..", "testdata", "truth", name))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Width, Height, Turn int
		DPI                 float64
		Zones               json.RawMessage
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	text := sohoa.PageText{Page: page, Width: file.Width, Height: file.Height, DPI: file.DPI, Turn: (360 - file.Turn) % 360, Source: sohoa.TextOCR}
	if file.Turn%180 != 0 {
		text.Width, text.Height = text.Height, text.Width
	}
	var zones any
	if err := json.Unmarshal(file.Zones, &zones); err != nil {
		t.Fatal(err)
	}
	collectLines(zones, func(s string, q []float64) { text.Lines = append(text.Lines, lineAt(s, upright(q, text))) })
	return text
}

// collectLines finds every {"t": text, "q": corners} in order.
func collectLines(v any, f func(string, []float64)) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			collectLines(x, f)
		}
	case map[string]any:
		s, ok1 := v["t"].(string)
		q, ok2 := v["q"].([]any)
		if ok1 && ok2 && s != "" {
			var corners []float64
			for _, n := range q {
				corners = append(corners, n.(float64))
			}
			f(s, corners)
			return
		}
		for _, key := range []string{"cols", "lines", "rows", "cells"} {
			collectLines(v[key], f)
		}
	}
}

// upright turns the corners of a line, given on the scan, with the page.
func upright(q []float64, page sohoa.PageText) sohoa.Rect {
	var xs, ys []float64
	for i := 0; i+1 < len(q); i += 2 {
		x, y := q[i], q[i+1]
		switch page.Turn {
		case 90:
			x, y = float64(page.Width)-y, x
		case 180:
			x, y = float64(page.Width)-x, float64(page.Height)-y
		case 270:
			x, y = y, float64(page.Height)-x
		}
		xs, ys = append(xs, x), append(ys, y)
	}
	return sohoa.Rect{X0: slices.Min(xs), Y0: slices.Min(ys), X1: slices.Max(xs), Y1: slices.Max(ys)}
}

func lineAt(s string, r sohoa.Rect) sohoa.Line {
	base := r.Y1 - 0.22*r.Height()
	l := sohoa.Line{Box: r, Baseline: sohoa.Segment{X0: r.X0, Y0: base, X1: r.X1, Y1: base}, Height: 0.9 * r.Height()}
	each := r.Width() / float64(max(utf8.RuneCountInString(s), 1))
	x := r.X0
	for _, w := range strings.Fields(s) {
		width := each * float64(utf8.RuneCountInString(w))
		l.Words = append(l.Words, sohoa.Word{Text: w, Box: sohoa.Rect{X0: x, Y0: r.Y0, X1: x + width, Y1: r.Y1}, Confidence: 90})
		x += width + each
	}
	return l
}

func countWords(t sohoa.PageText) int {
	n := 0
	for _, l := range t.Lines {
		n += len(l.Words)
	}
	return n
}

// thumbnail is a small upright JPEG.
func thumbnail(t testing.TB, data []byte, turn int) []byte {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	w, h := 320, 320*b.Dy()/b.Dx()
	if turn == 270 {
		h = 320 * b.Dx() / b.Dy()
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := x*b.Dx()/w, y*b.Dy()/h
			if turn == 270 {
				sx, sy = b.Dx()-1-y*b.Dx()/h, x*b.Dy()/w
			}
			small.Set(x, y, color.RGBAModel.Convert(img.At(sx, sy)))
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, small, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
