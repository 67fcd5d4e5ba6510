package ingest_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"sohoa"
	"sohoa/archive/pdfa"
	"sohoa/ingest"
)

// stored reads a whole file of a document.
func (of *office) stored(id sohoa.DocumentID, role sohoa.Role) []byte {
	of.t.Helper()
	b, _, err := of.Open(of.t.Context(), id, role, 0)
	if err != nil {
		of.t.Fatalf("Open(%s) = %v", role, err)
	}
	defer b.Close()
	return must(io.ReadAll(b))(of.t)
}

func TestAccessCopyIsSmallAndSaysHow(t *testing.T) {
	of := openOffice(t, options{config: func(c *ingest.Config) { c.Fidelity = sohoa.FidelityStandard }})
	doc := of.kept(of.add("quyet-dinh.jpg", scan(t, "quyet-dinh-01.jpg")).ID)

	pdf, access := of.stored(doc.ID, sohoa.RolePDF), of.stored(doc.ID, sohoa.RoleAccess)
	if len(access)*3 > len(pdf) {
		t.Errorf("access copy has %d bytes, pdf %d; want less than a third", len(access), len(pdf))
	}
	if err := pdfa.Lint(bytes.NewReader(access), int64(len(access))); err != nil {
		t.Errorf("Lint(access) = %v", err)
	}
	page := must(of.catalog.Pages(t.Context(), doc.ID))(t)[0]
	if page.PDF.Form != sohoa.FormOriginal || page.Access.Form != sohoa.FormLayered {
		t.Errorf("page is %q in the pdf and %q in the access copy, want original and layered", page.PDF.Form, page.Access.Form)
	}
	if page.PDF.Bytes != doc.Size || page.Access.Bytes == 0 || page.Access.Bytes > int64(len(access)) {
		t.Errorf("page takes %d of %d and %d of %d bytes", page.PDF.Bytes, len(pdf), page.Access.Bytes, len(access))
	}
	if doc.SignedRole != sohoa.RolePDF {
		t.Errorf("SignedRole = %q, want pdf", doc.SignedRole)
	}
	of.checkArchive()
}

func TestAccessCopyIsSignedIfTold(t *testing.T) {
	of := openOffice(t, options{config: func(c *ingest.Config) {
		c.Fidelity, c.Signs = sohoa.FidelitySmall, sohoa.RoleAccess
	}})
	doc := of.kept(of.add("quyet-dinh.jpg", scan(t, "quyet-dinh-01.jpg")).ID)
	access, signed := of.stored(doc.ID, sohoa.RoleAccess), of.stored(doc.ID, sohoa.RoleSigned)
	if !bytes.HasPrefix(signed, access) {
		t.Error("the signed file does not begin with the access copy")
	}
	if err := pdfa.Lint(bytes.NewReader(signed), int64(len(signed))); err != nil {
		t.Errorf("Lint(signed) = %v", err)
	}
	if doc.SignedRole != sohoa.RoleAccess || doc.Signature != sohoa.SignatureTimed {
		t.Errorf("SignedRole = %q, Signature = %q, want access and %q", doc.SignedRole, doc.Signature, sohoa.SignatureTimed)
	}
}

// TestNoAccessCopyWhereItSavesNothing: a page in black and white takes no less
// when it is taken apart.
func TestNoAccessCopyWhereItSavesNothing(t *testing.T) {
	of := openOffice(t, options{config: func(c *ingest.Config) { c.Fidelity = sohoa.FidelityStandard }})
	doc := of.kept(of.add("cong-van.png", scan(t, "cong-van-01.png")).ID)
	files := must(of.catalog.Files(t.Context(), doc.ID))(t)
	for _, f := range files {
		if f.Role == sohoa.RoleAccess {
			t.Errorf("there is an access copy of %d bytes", f.Size)
		}
	}
	page := must(of.catalog.Pages(t.Context(), doc.ID))(t)[0]
	if page.PDF.Form != sohoa.FormBitonal {
		t.Errorf("page is %q in the pdf, want bitonal", page.PDF.Form)
	}
}

// TestLayersThatAreOfNoUse takes from a document what its pages were taken
// apart into, before the access copy is made of it.
func TestLayersThatAreOfNoUse(t *testing.T) {
	for _, tt := range []struct {
		name   string
		spoil  func(path string) error
		form   sohoa.Form
		reason string
	}{
		{"lost", os.Remove, sohoa.FormLayered, ""},
		{"of another page", func(path string) error {
			return os.WriteFile(path, []byte(`{"width":10,"height":10,"background":"AAAA","treatment":{"form":"layered"}}`), 0o600)
		}, sohoa.FormOriginal, "layer.failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			of := openOffice(t, options{config: func(c *ingest.Config) { c.Fidelity = sohoa.FidelityStandard }})
			doc := of.held("quyet-dinh-01.jpg")
			found := must(filepath.Glob(filepath.Join(of.dir, "objects", "work", doc.ID.String(), "layers", "*")))(t)
			if len(found) != 1 {
				t.Fatalf("layers are in %q, want one file", found)
			}
			if err := tt.spoil(found[0]); err != nil {
				t.Fatal(err)
			}
			of.release(doc.ID)
			of.kept(doc.ID)
			page := must(of.catalog.Pages(t.Context(), doc.ID))(t)[0]
			if page.Access.Form != tt.form || page.Access.Reason != tt.reason {
				t.Errorf("Access = %+v, want %s because of %q", page.Access, tt.form, tt.reason)
			}
		})
	}
}
