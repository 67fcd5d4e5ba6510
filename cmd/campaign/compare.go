package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/ingest"
	"sohoa/signing/validation"
)

// comparison compares an archive that nobody works on with the books.
type comparison struct {
	c       *campaign
	catalog archive.Catalog
	blobs   ingest.Store
	keeper  *ocfl.Store
	figures *checked
	docs    map[sohoa.DocumentID]sohoa.Document
}

// compare compares the archive with the books. The server must not run.
func (c *campaign) compare(ctx context.Context, figures *checked) (err error) {
	catalog, closeCatalog, err := c.catalog(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeCatalog()) }()
	blobs, closeBlobs, err := c.blobs(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeBlobs()) }()
	keeper, err := ocfl.Open(ctx, blobs, "ocfl")
	if err != nil {
		return err
	}
	k := &comparison{c, catalog, blobs, keeper, figures, map[sohoa.DocumentID]sohoa.Document{}}
	for _, step := range []func(context.Context) error{k.journal, k.documents, k.root, k.kept, k.sets, k.leftovers, k.second} {
		if err := step(ctx); err != nil {
			return certain(err)
		}
	}
	return nil
}

// journal follows the chain.
func (k *comparison) journal(ctx context.Context) error {
	head, err := archive.VerifyJournal(ctx, k.catalog)
	if err != nil {
		return violated("the journal: %v", err)
	}
	if checks := k.c.report.Checks; len(checks) > 0 && head.Seq < checks[len(checks)-1].Entries {
		return violated("the journal has %d entries, and had %d", head.Seq, checks[len(checks)-1].Entries)
	}
	k.figures.Entries = head.Seq
	return nil
}

// documents compares the catalogue with what was sent and acknowledged.
func (k *comparison) documents(ctx context.Context) error {
	dossiers, err := k.catalog.FindDossiers(ctx, sohoa.Everything, archive.DossierQuery{Limit: 100_000})
	if err != nil {
		return err
	}
	have := map[string]bool{}
	for _, d := range dossiers {
		have[d.Code] = true
		docs, err := k.catalog.FindDocuments(ctx, sohoa.Everything, archive.DocumentQuery{Dossier: d.Code, Limit: 100_000})
		if err != nil {
			return err
		}
		if err := k.sent(d.Code, docs); err != nil {
			return err
		}
	}
	for code := range k.c.ledger.dossiers {
		if !have[code] {
			return violated("dossier %s was acknowledged and is not there", code)
		}
	}
	for _, i := range k.c.ledger.acknowledged() {
		if _, ok := k.docs[i.id]; !ok {
			return violated("%s, paper %d, was acknowledged and is not there", i.id, i.N)
		}
	}
	k.figures.Documents = len(k.docs)
	return nil
}

// sent compares the documents of a dossier with what was sent into it.
func (k *comparison) sent(dossier string, docs []sohoa.Document) error {
	seen := map[sohoa.Digest]sohoa.DocumentID{}
	for _, d := range docs {
		i := k.c.ledger.byBytes[contents{dossier, d.Digest}]
		if i == nil {
			return violated("%s in %s has bytes that nobody sent: %s, %d bytes", d.ID, dossier, d.Digest, d.Size)
		}
		if other, ok := seen[d.Digest]; ok {
			return violated("%s and %s in %s are the same paper %d", other, d.ID, dossier, i.N)
		}
		if !i.id.IsZero() && i.id != d.ID {
			return violated("paper %d was acknowledged as %s and is %s", i.N, i.id, d.ID)
		}
		seen[d.Digest] = d.ID
		k.docs[d.ID] = d
	}
	return nil
}

// root validates the storage root and compares its objects with the documents
// that are kept.
func (k *comparison) root(ctx context.Context) error {
	var findings []string
	if err := k.keeper.Validate(ctx, func(f ocfl.Finding) { findings = append(findings, fmt.Sprintf("%+v", f)) }); err != nil {
		return err
	}
	if len(findings) > 0 {
		return violated("storage root: %d findings: %s", len(findings), strings.Join(findings[:min(5, len(findings))], "; "))
	}
	for id, err := range k.keeper.Objects(ctx) {
		if err != nil {
			return err
		}
		k.figures.Objects++
		if id.Kind() != "" {
			continue
		}
		doc, err := id.Document()
		if err != nil {
			return violated("object %s: %v", id, err)
		}
		if d, ok := k.docs[doc]; !ok || d.State != sohoa.StateKept {
			return violated("object %s is in the storage root, its document is %q (known: %t)", id, d.State, ok)
		}
	}
	return nil
}

// kept compares each document with its object.
func (k *comparison) kept(ctx context.Context) error {
	for _, id := range slices.SortedFunc(maps.Keys(k.docs), func(a, b sohoa.DocumentID) int { return strings.Compare(a.String(), b.String()) }) {
		d := k.docs[id]
		if d.State != sohoa.StateKept || d.Problem != nil || d.Stage != "" || d.Revision < 1 || d.PagesRead != d.Pages || d.Pages == 0 {
			return violated("%s is not kept as a whole: %+v", id, d)
		}
		k.figures.Kept++
		k.figures.Signatures += len(d.Signatures)
		i := k.c.ledger.byBytes[contents{d.Dossier, d.Digest}]
		if i.checked == d.Revision {
			continue
		}
		if err := k.object(ctx, d, i); err != nil {
			return err
		}
		i.checked = d.Revision
	}
	return nil
}

// object compares a document with the newest version of its object.
func (k *comparison) object(ctx context.Context, d sohoa.Document, i *item) error {
	head, err := k.keeper.Head(ctx, ocfl.DocumentID(d.ID))
	if err != nil {
		return violated("object of %s: %v", d.ID, err)
	}
	if head.Head != d.Revision {
		return violated("%s is at revision %d, its object at %d", d.ID, d.Revision, head.Head)
	}
	original, ok := head.Files["original"+filepath.Ext(i.name())]
	if !ok || original.Digest != i.Digest {
		return violated("%s: the object has original %+v, sent was %s", d.ID, original, i.Digest)
	}
	if i.pages != "" {
		a, err := k.catalog.Arrangement(ctx, d.ID, d.Arrangement)
		if got := sohoa.FormatPages(d.ID, a.Pages); err != nil || got != i.pages {
			return violated("%s has pages %s (%v), acknowledged was %s", d.ID, got, err, i.pages)
		}
	}
	files, err := k.catalog.Files(ctx, d.ID)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Role == sohoa.RoleImage || f.Role == sohoa.RoleThumb {
			continue // made again when they are asked for
		}
		if info, err := k.blobs.Stat(ctx, f.Key); err != nil || info.Size != f.Size {
			return violated("%s: file %s of %d bytes: %+v, %v", d.ID, f.Key, f.Size, info, err)
		}
	}
	return k.signed(ctx, d, head)
}

// signed validates the signatures of a document.
func (k *comparison) signed(ctx context.Context, d sohoa.Document, head ocfl.Object) error {
	if d.Signature != sohoa.SignatureTimed {
		return violated("%s is %s (%v), want %s", d.ID, d.Signature, d.SignReason, sohoa.SignatureTimed)
	}
	b, err := k.blobs.Open(ctx, head.Files["signed.pdf"].Key)
	if err != nil {
		return violated("%s: signed rendition: %v", d.ID, err)
	}
	defer b.Close()
	report, err := validation.Validate(ctx, b, b.Size(), validation.Options{Roots: []validation.Root{k.c.office.root}, Now: k.c.clock.Now()})
	if err != nil {
		return violated("%s: signatures: %v", d.ID, err)
	}
	if report.Conclusion == validation.TotalFailed || len(report.Signatures) != len(d.Signatures) {
		return violated("%s: %d signatures, %s, want %d", d.ID, len(report.Signatures), report.Conclusion, len(d.Signatures))
	}
	for _, s := range report.Signatures {
		if !s.Intact() || len(s.Timestamps) == 0 {
			return violated("%s: signature %s: intact %t, %d timestamps", d.ID, s.Field, s.Intact(), len(s.Timestamps))
		}
	}
	return nil
}

// sets checks that every set came to its end, with a signature for each of
// its documents.
func (k *comparison) sets(ctx context.Context) error {
	sets, err := k.catalog.FindSigningSets(ctx, sohoa.Everything, archive.SetQuery{Limit: 100_000})
	if err != nil {
		return err
	}
	have := map[sohoa.SetID]bool{}
	for _, s := range sets {
		have[s.ID] = true
		if s.State != sohoa.SetDone {
			return violated("set %s is %s at rest", s.ID, s.State)
		}
		items, err := k.catalog.SetItems(ctx, s.ID)
		if err != nil {
			return err
		}
		for _, i := range items {
			if made := k.docs[i.Document].Signatures; i.State != sohoa.ItemDone || len(made) < 1+len(s.Steps) {
				return violated("%s in set %s is %s, with %d signatures, want %d", i.Document, s.ID, i.State, len(made), 1+len(s.Steps))
			}
		}
	}
	for id := range k.c.ledger.sets {
		if !have[id] {
			return violated("set %s was acknowledged and is not there", id)
		}
	}
	k.figures.Sets = len(sets)
	return nil
}

// leftovers looks for working files: of documents there may be none at rest.
// Bytes of uploads that were never entered stay for a month.
func (k *comparison) leftovers(ctx context.Context) error {
	unentered := map[string]bool{}
	for info, err := range k.blobs.List(ctx, "work/") {
		if err != nil {
			return err
		}
		name, rest, _ := strings.Cut(strings.TrimPrefix(info.Key, "work/"), "/")
		id, err := sohoa.ParseDocumentID(name)
		if _, known := k.docs[id]; err != nil || known || rest != "original" {
			return violated("working file %s at rest (its document is known: %t)", info.Key, known)
		}
		unentered[name] = true
	}
	k.figures.Unentered = len(unentered)
	for info, err := range k.blobs.List(ctx, "ocfl.pending/") {
		if err != nil {
			return err
		}
		return violated("%s at rest", info.Key)
	}
	return k.temporary()
}

// temporary looks for temporary files of a server that has ended.
func (k *comparison) temporary() error {
	for _, dir := range []string{"tmp", "objects/.tmp"} {
		dir = filepath.Join(k.c.data, dir)
		err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				return violated("temporary file %s after the server ended", name)
			}
			return err
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// second validates the second root and compares it with the first.
func (k *comparison) second(ctx context.Context) (err error) {
	if k.c.second == nil {
		return nil
	}
	other, err := localfs.Open(k.c.second.objects())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, other.Close()) }()
	keeper, err := ocfl.Open(ctx, other, "ocfl")
	if err != nil {
		return err
	}
	var findings []string
	if err := keeper.Validate(ctx, func(f ocfl.Finding) { findings = append(findings, fmt.Sprintf("%+v", f)) }); err != nil {
		return err
	}
	if len(findings) > 0 {
		return violated("second root: %d findings: %s", len(findings), strings.Join(findings[:min(5, len(findings))], "; "))
	}
	for _, err := range keeper.Objects(ctx) {
		if err != nil {
			return err
		}
		k.figures.Copied++
	}
	return equal(ctx, k.blobs, other)
}

// equal compares two roots file by file and byte by byte.
func equal(ctx context.Context, a, b archive.Blobs) error {
	first, err := digests(ctx, a)
	if err != nil {
		return err
	}
	second, err := digests(ctx, b)
	if err != nil {
		return err
	}
	for key, d := range first {
		if second[key] != d {
			return violated("%s is %s in the first root and %s in the second", key, d, second[key])
		}
	}
	for key := range second {
		if _, ok := first[key]; !ok {
			return violated("%s is in the second root only", key)
		}
	}
	return nil
}
