package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/web/i18n"
)

// untranslated finds keys that came through where a word should stand.
var untranslated = regexp.MustCompile(`>\s*[a-z-]+\.[a-zA-Z.-]+\s*<|%!`)

func TestPagesInEveryStateAndLanguage(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	states := []sohoa.State{sohoa.StateAccepted, sohoa.StateReading, sohoa.StateRead, sohoa.StateKept, sohoa.StateParked}
	stages := []sohoa.Stage{"", sohoa.StageSplit, sohoa.StageRead, sohoa.StageCompose, sohoa.StageSign, sohoa.StagePreserve, sohoa.StageStamp,
		sohoa.StageCosign, sohoa.StageCollect, sohoa.StageRenew}
	signatures := []sohoa.SignatureState{sohoa.SignaturePending, sohoa.SignatureNone, sohoa.SignatureBasic, sohoa.SignatureAwaiting, sohoa.SignatureDue,
		sohoa.SignatureTimed, sohoa.SignatureLongTerm, sohoa.SignatureArchived, sohoa.SignatureUncertain}
	fields := []string{sohoa.FieldTypeName, sohoa.FieldCodeNumber, sohoa.FieldCodeNotation, sohoa.FieldIssuedDate, sohoa.FieldOrganName, sohoa.FieldSubject}

	doc := admin.upload(dossierA, "Quyết định.jpg", scan(t, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg", "giay-khai-sinh-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
	o.shelf.keep(doc.ID)
	show := func(name string, change func(*sohoa.Document)) {
		o.update(func(tx archive.Tx) error {
			d, err := tx.Document(doc.ID)
			if err != nil {
				return err
			}
			change(&d)
			return tx.PutDocument(d)
		})
		for _, lang := range []string{"vi", "en"} {
			for _, path := range []string{"/documents/" + doc.ID.String() + "?q=quyet+dinh&", "/documents/" + doc.ID.String() + "/arrange?", "/dossiers/" + dossierA + "?", "/?", "/admin?", "/journal?purpose=x&", "/search?q=quyet+dinh&"} {
				a := admin.get(path + "lang=" + lang)
				if a.status != http.StatusOK {
					t.Errorf("%s: GET %s in %s = %d, want 200", name, path, lang, a.status)
				}
				if bad := untranslated.FindString(a.body); bad != "" {
					t.Errorf("%s: GET %s in %s shows %q", name, path, lang, bad)
				}
				if !strings.Contains(a.body, `<html lang="`+lang+`">`) {
					t.Errorf("%s: GET %s is not in %s", name, path, lang)
				}
			}
		}
	}
	for i, signature := range signatures {
		show(string(signature), func(d *sohoa.Document) {
			d.State, d.Signature, d.Stage = states[i%len(states)], signature, stages[i%len(stages)]
			d.Held = i%2 == 0 && d.State != sohoa.StateKept
			d.Problem, d.SignReason = nil, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.tsa-unavailable", Args: []string{"http://tsa"}}
			if d.State == sohoa.StateParked {
				d.Problem = &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "pdf.encrypted"}
			}
			d.Fields = nil
			for _, f := range fields {
				d.Fields = append(d.Fields, sohoa.Field{Name: f, Value: "x", Page: 1})
			}
		})
	}
}

// TestDeskInBothLanguages shows the pages of a held document, turned and
// dropped ones among them.
func TestDeskInBothLanguages(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	a, b := lan.held("Quyết định.jpg", "quyet-dinh-01.jpg", "giay-khai-sinh-01.jpg"), lan.held("Tờ khai.jpg", "to-khai-01.jpg")
	lan.arrange(a.ID, 0, "2@90,"+b.ID.String()+":1")
	for _, lang := range []string{"vi", "en"} {
		for _, path := range []string{"/documents/" + a.ID.String() + "/arrange?", "/documents/" + b.ID.String() + "/arrange?", "/documents/" + a.ID.String() + "?", "/?"} {
			page := lan.get(path + "lang=" + lang)
			if bad := untranslated.FindString(page.body); page.status != http.StatusOK || bad != "" {
				t.Errorf("GET %s in %s = %d and shows %q", path, lang, page.status, bad)
			}
		}
	}
}

func TestWordsLieOverTheImage(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "giay-khai-sinh-01.jpg"))
	o.shelf.split(doc.ID, "giay-khai-sinh-01.jpg")
	o.shelf.read(doc.ID, 1, "giay-khai-sinh-01.jpg")
	a := lan.get("/documents/" + doc.ID.String() + "?q=khai+sinh")
	for _, want := range []string{
		`viewBox="0 0 1653 2338"`, // upright
		`width="2338" height="1653" transform="translate(0 2338) rotate(270)"`,
		`lengthAdjust="spacingAndGlyphs"`, `<g class="marks"><rect`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("page does not hold %q", want)
		}
	}
}

// TestWordsTurnWithTheirPage turns a page that was scanned on its side once
// more.
func TestWordsTurnWithTheirPage(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.held("a.jpg", "giay-khai-sinh-01.jpg")
	level := regexp.MustCompile(`<tspan [^>]*>`).FindString(lan.get("/documents/" + doc.ID.String()).body)
	lan.arrange(doc.ID, 0, "1@90")
	a := lan.get("/documents/" + doc.ID.String() + "?q=khai+sinh")
	for _, want := range []string{
		`viewBox="0 0 2338 1653"`,
		`<image href="/files/` + doc.ID.String() + `/pages/1/image" width="2338" height="1653"/>`, // back as it was scanned
		`<g class="words" transform="translate(2338 0) rotate(90)">`, level, `<g class="marks"><rect`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("page does not hold %q", want)
		}
	}
}

func TestHostileNamesAreShownSafely(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	names := []string{
		`<script>alert(1)</script>.pdf`, `"><img src=x onerror=alert(1)>.jpg`, "../../etc/passwd", "a\nb\r\nSet-Cookie: x=y.pdf",
		"\u202Egpj.exe", strings.Repeat("dài ", 90) + ".jpg", `{{.}}`, `'-alert(1)-'`,
	}
	for i, name := range names {
		t.Run(fmt.Sprintf("%.20q", name), func(t *testing.T) {
			doc := lan.upload(dossierA, name, append(scan(t, "trang-trang-01.jpg"), byte(i)))
			for _, path := range []string{"/dossiers/" + dossierA, "/documents/" + doc.ID.String(), "/documents/" + doc.ID.String() + "/row"} {
				a := lan.get(path)
				if a.status != 200 {
					t.Errorf("GET %s = %d, want 200", path, a.status)
				}
				for _, bad := range []string{"<script>alert", "<img src=x"} {
					if strings.Contains(a.body, bad) {
						t.Errorf("GET %s holds %q", path, bad)
					}
				}
			}
			file := lan.get("/api/v1/documents/" + doc.ID.String() + "/files/original")
			if file.status != 200 || file.header.Get("Set-Cookie") != "" {
				t.Errorf("download = %d with cookies %q, want 200 and none", file.status, file.header.Get("Set-Cookie"))
			}
		})
	}
}

var (
	usedKey   = regexp.MustCompile(`\bt "([^"]+)"|text\(r, "([^"]+)"`)
	anyKey    = regexp.MustCompile(`"([a-z0-9-]+(?:\.[a-zA-Z0-9.-]+)?)"`)
	keyPrefix = regexp.MustCompile(`"([a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*[.-])(?:%|")`)
)

// TestEveryPhraseIsThereAndUsed looks for phrases in sources: those that are
// used by name are there, and each is used by name or by how its name begins.
func TestEveryPhraseIsThereAndUsed(t *testing.T) {
	used, begun := map[string]bool{}, []string{}
	for _, pattern := range []string{"templates/*.html", "*.go"} {
		for name, source := range sources(t, pattern) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, m := range usedKey.FindAllStringSubmatch(source, -1) {
				if key := m[1] + m[2]; !i18n.Has(key) && !strings.HasSuffix(key, ".") && !strings.HasSuffix(key, "-") {
					t.Errorf("%s uses %q, which is not in the table", name, key)
				}
			}
			for _, m := range anyKey.FindAllStringSubmatch(source, -1) {
				used[m[1]] = true
			}
			for _, m := range keyPrefix.FindAllStringSubmatch(source, -1) {
				begun = append(begun, m[1])
			}
		}
	}
	for _, key := range i18n.Keys() {
		if !used[key] && !hasPrefix(key, begun) {
			t.Errorf("the table holds %q, which nothing uses", key)
		}
	}
}

func hasPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
