package eark_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/eark"
)

var made = time.Date(2026, 11, 30, 2, 3, 4, 0, time.UTC)

// file is a file of a package whose content is text.
func file(rep eark.Rep, part, name, mediaType, text string) eark.File {
	return eark.File{Rep: rep, Part: part, Name: name, MediaType: mediaType, Size: int64(len(text)), Digest: sohoa.Sum([]byte(text)), Created: made,
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

// sample is a package of a dossier with two documents.
func sample(kind eark.Kind) *eark.Package {
	p := &eark.Package{
		Kind: kind, Created: made, Label: "Hồ sơ <1> & 2", Agency: sohoa.Agency{Code: "H49.64.33", Name: "UBND phường Bạch Đằng"},
		Recipient: "Lưu trữ lịch sử tỉnh", Version: "1",
		Fields: eark.Fields{eark.FileCode: "H49.64.33-261130-0001", eark.Title: "Đăng ký khai sinh", eark.Maintenance: "01", eark.Mode: "02",
			eark.Language: "01", eark.StartDate: "28/11/2026", eark.EndDate: "30/11/2026", eark.TotalDoc: "2", eark.NumberOfPage: "3",
			eark.ConfidenceLevel: "02"},
		Facts:  []eark.Fact{{Name: "procedure", Value: "1.001193"}},
		Agents: []eark.Agent{{ID: "sohoa", Name: "sohoa", Type: "software"}, {ID: "mai", Name: "Nguyễn Thị Mai", Type: "person"}},
		Events: []eark.Event{{Type: "information package creation", Time: made, Outcome: "success", Agent: "sohoa"}},
	}
	for n := 1; n <= 2; n++ {
		code := fmt.Sprintf("%s.%07d", p.Fields[eark.FileCode], n)
		p.Documents = append(p.Documents, eark.Document{
			ID: fmt.Sprintf("01KJQ3Z5W0ABCDEFGHJKMNPQR%d", n), Serial: n,
			Fields: eark.Fields{eark.DocCode: code, eark.CodeNumber: "12", eark.CodeNotation: "QĐ-UBND", eark.IssuedDate: "28/11/2026",
				eark.OrganName: "UBND phường Bạch Đằng", eark.Subject: "Về việc cấp giấy khai sinh", eark.Language: "01"},
			Facts:  []eark.Fact{{Name: "force", Value: "in-force"}},
			Events: []eark.Event{{Type: "transfer", Time: made, Outcome: "success", Agent: "mai"}},
			Files: []eark.File{
				file(eark.RepOriginal, "", "tờ khai.jpg", "image/jpeg", fmt.Sprint("jpeg ", n)),
				file(eark.RepKept, "", "", "application/pdf", fmt.Sprint("signed ", n)),
				file(eark.RepKept, "unsigned", "", "application/pdf", fmt.Sprint("pdf ", n)),
				file(eark.RepAccess, "", "", "application/pdf", fmt.Sprint("access ", n)),
				file(eark.RepText, "0001", "", "application/json", fmt.Sprintf(`{"page":%d}`, n)),
			},
		})
	}
	return p
}

// write writes p into a folder and returns where it is.
func write(t testing.TB, p *eark.Package) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := eark.Write(t.Context(), eark.Folder(dir), p); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, p.ID())
}

// One kind is judged as a folder: the content of all is the same.
func TestPackagesPassCommonsIP(t *testing.T) {
	t.Run("SIP", func(t *testing.T) { archivetest.CommonsIP(t, write(t, sample(eark.SIP))) })
	for _, kind := range []eark.Kind{eark.AIP, eark.DIP} {
		t.Run(string(kind), func(t *testing.T) { archivetest.CommonsIP(t, zipped(t, sample(kind))) })
	}
}

// zipped writes p as a ZIP file.
func zipped(t testing.TB, p *eark.Package) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), p.ID()+".zip")
	var b bytes.Buffer
	if _, err := eark.Write(t.Context(), eark.ZIP(&b), p); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The XML of packages is valid by the schemas that they carry.
func TestPackagesKeepTheirSchemas(t *testing.T) {
	for _, kind := range []eark.Kind{eark.SIP, eark.AIP, eark.DIP} {
		dir := write(t, sample(kind))
		validate(t, dir, "mets1_12.xsd", "METS.xml", "representations/*/METS.xml")
		validate(t, dir, "premis-v3-0.xsd", "metadata/preservation/*.xml", "representations/*/metadata/preservation/*.xml")
		validate(t, dir, "ead2002.xsd", "metadata/descriptive/EAD2002.xml")
		validate(t, dir, "EAD.xsd", "metadata/descriptive/EAD.xml")
		validate(t, dir, "EAD_doc.xsd", "representations/rep1/metadata/descriptive/EAD_doc_*.xml")
	}
}

// validate has xmllint compare files of a package with a schema of it.
func validate(t testing.TB, dir, schema string, patterns ...string) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("xmllint is missing: run ./check once")
		}
		t.Skip("xmllint is missing")
	}
	for _, pattern := range patterns {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		if len(files) == 0 {
			t.Errorf("no %s in the package", pattern)
		}
		args := append([]string{"--nonet", "--noout", "--schema", filepath.Join(dir, "schemas", schema)}, files...)
		if out, err := exec.CommandContext(t.Context(), "xmllint", args...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", schema, err, out)
		}
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	for name, sink := range map[string]func(io.Writer) eark.Sink{"zip": eark.ZIP, "tar": eark.TAR} {
		var a, b bytes.Buffer
		for _, w := range []io.Writer{&a, &b} {
			if _, err := eark.Write(t.Context(), sink(w), sample(eark.SIP)); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(a.Bytes(), b.Bytes()) || a.Len() < 1000 {
			t.Errorf("%s: two packages of %d and %d bytes differ", name, a.Len(), b.Len())
		}
	}
}

func TestWriteRefusesWhatIsNotWhatItWas(t *testing.T) {
	p := sample(eark.AIP)
	p.Documents[1].Files[0].Digest[0]++
	if _, err := eark.Write(t.Context(), eark.ZIP(io.Discard), p); !errors.Is(err, sohoa.ErrVerification) {
		t.Errorf("Write of a file that changed = %v, want ErrVerification", err)
	}
}
