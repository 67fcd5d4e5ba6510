package toolsim_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/pdfa"
	"sohoa/signing"
	"sohoa/signing/returned"
	"sohoa/signing/testca"
	"sohoa/signing/toolsim"
	"sohoa/signing/validation"
)

// office is a server with documents to sign, which takes back what
// returned.Check accepts.
type office struct {
	*httptest.Server
	want returned.Expected
	sent []byte

	mu   sync.Mutex
	got  map[string]*returned.Accepted // by FileID, under mu
	form map[string]string             // of the last upload, under mu
}

const ticket = "mot-lan-4471"

func newOffice(t *testing.T, sent []byte, want returned.Expected) *office {
	o := &office{sent: sent, want: want, got: map[string]*returned.Accepted{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /files/{name}", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+ticket {
			http.Error(w, "who?", http.StatusForbidden)
			return
		}
		w.Write(o.sent)
	})
	mux.HandleFunc("POST /upload", o.upload)
	o.Server = httptest.NewServer(mux)
	t.Cleanup(o.Close)
	return o
}

func (o *office) upload(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	file, header, err := r.FormFile("uploadfile")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	back, err := io.ReadAll(file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	o.form = map[string]string{"DocNumber": r.FormValue("DocNumber"), "key": r.FormValue("key")}
	answer := toolsim.Upload{Status: true, FileName: header.Filename, FileServer: o.URL + "/kept"}
	accepted, err := returned.Check(r.Context(), pdf(o.sent), pdf(back), o.want)
	if err != nil {
		answer = toolsim.Upload{Message: sohoa.AsProblem(err).Text(sohoa.Vietnamese)}
	}
	o.got[r.FormValue("FileID")] = accepted
	json.NewEncoder(w).Encode(answer)
}

func pdf(b []byte) returned.File {
	return returned.File{ReaderAt: bytes.NewReader(b), Size: int64(len(b))}
}

// scan is a PDF/A-2u file as the archive makes them.
func scan(t *testing.T) []byte {
	t.Helper()
	var img, out bytes.Buffer
	if err := png.Encode(&img, image.NewGray(image.Rect(0, 0, 826, 1169))); err != nil {
		t.Fatal(err)
	}
	w := pdfa.NewWriter(&out, pdfa.Options{Title: "Quyết định", Created: time.Now()})
	if _, err := w.AddPage(pdfa.Page{Image: img.Bytes(), MediaType: "image/png", DPI: 100}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// chair is a token, and who is expected.
func chair(t *testing.T, alg testca.Algorithm) (*signing.Key, returned.Expected) {
	t.Helper()
	ca, err := testca.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Person("Nguyễn Vĩnh Nghĩa", "UBND tỉnh Hà Tĩnh", testca.WithKey(alg))
	if err != nil {
		t.Fatal(err)
	}
	key := &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain}
	return key, returned.Expected{Subject: returned.Subject{Name: "Nguyễn Vĩnh Nghĩa"},
		Roots: []validation.Root{{World: "test", Certificate: ca.Root()}}}
}

// run has the tool sign.
func run(t *testing.T, tool *toolsim.Tool, p toolsim.Parameters) toolsim.Callback {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var c toolsim.Callback
	if err := json.Unmarshal(tool.Sign(t.Context(), b), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func (o *office) parameters() toolsim.Parameters {
	return toolsim.Parameters{FileUploadHandler: o.URL + "/upload", FileName: o.URL + "/files/quyet-dinh.pdf", JWTToken: ticket,
		DocNumber: "12/QĐ-UBND", MetaData: []toolsim.Pair{{Key: "key", Value: "value"}}}
}

func TestToolSignsWhatItDownloads(t *testing.T) {
	sent := scan(t)
	tests := []struct {
		name   string
		alg    testca.Algorithm
		before bool // somebody signed before
		filter string
	}{
		{"archival PDF", testca.RSA2048, false, "adbe.pkcs7.detached"},
		{"elliptic curve", testca.P256, false, "adbe.pkcs7.detached"},
		{"large key", testca.RSA4096, false, "ETSI.CAdES.detached"},
		{"signed before", testca.P256, true, "ETSI.CAdES.detached"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, want := chair(t, tt.alg)
			document := sent
			if tt.before {
				clerk, _ := chair(t, testca.P256)
				var out bytes.Buffer
				if _, err := signing.Sign(t.Context(), bytes.NewReader(sent), int64(len(sent)), &out, clerk, signing.Request{}, nil); err != nil {
					t.Fatal(err)
				}
				document = out.Bytes()
			}
			o := newOffice(t, document, want)
			c := run(t, &toolsim.Tool{Key: key}, o.parameters())
			if c.Status != toolsim.StatusDone || c.FileServer != o.URL+"/kept" || c.FileName != "quyet-dinh.pdf" || c.DocumentNumber != "12/QĐ-UBND" {
				t.Fatalf("callback = %+v, want status 0 with the server's file", c)
			}
			got := o.got[""]
			if got == nil || got.Signature.SubFilter != tt.filter || !got.Certificate.Equal(key.Certificate) {
				t.Errorf("accepted = %+v, want a signature %s of the chair", got, tt.filter)
			}
			if o.form["key"] != "value" || o.form["DocNumber"] != "12/QĐ-UBND" {
				t.Errorf("fields of the upload = %v, want those of the parameters", o.form)
			}
		})
	}
}

func TestToolSignsABatch(t *testing.T) {
	key, want := chair(t, testca.P256)
	o := newOffice(t, scan(t), want)
	p := o.parameters()
	for _, id := range []string{"a", "b", "c"} {
		p.Files = append(p.Files, toolsim.File{FileID: id, FileName: id + ".pdf", URL: o.URL + "/files/" + id + ".pdf"})
	}
	c := run(t, &toolsim.Tool{Key: key}, p)
	if c.Status != toolsim.StatusDone || len(c.Files) != 3 || len(o.got) != 3 {
		t.Fatalf("callback = %+v with %d files accepted, want 3", c, len(o.got))
	}
	for _, f := range c.Files {
		if o.got[f.FileID] == nil || f.FileName != f.FileID+".pdf" {
			t.Errorf("file %+v was not accepted", f)
		}
	}
}

func TestToolTellsWhatFails(t *testing.T) {
	key, want := chair(t, testca.P256)
	other, _ := chair(t, testca.P256)
	o := newOffice(t, scan(t), want)
	tests := []struct {
		name   string
		tool   toolsim.Tool
		change func(*toolsim.Parameters)
		status int
		says   string
	}{
		{"used ticket", toolsim.Tool{Key: key}, func(p *toolsim.Parameters) { p.JWTToken = "" }, toolsim.StatusDownload, "403"},
		{"no server", toolsim.Tool{Key: key}, func(p *toolsim.Parameters) { p.FileUploadHandler = "http://127.0.0.1:9/" }, toolsim.StatusUpload, "127.0.0.1:9"},
		{"wrong token", toolsim.Tool{Key: other}, nil, toolsim.StatusUpload, "chứng thực được tin cậy"},
		{"unsigned", toolsim.Tool{Key: key, Alter: func(sent, _ []byte) []byte { return sent }}, nil, toolsim.StatusUpload, "chưa có chữ ký mới"},
		{"no key", toolsim.Tool{Key: &signing.Key{Signer: key.Signer, Certificate: other.Certificate}}, nil, toolsim.StatusUpload, "không khớp"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := o.parameters()
			if tt.change != nil {
				tt.change(&p)
			}
			if c := run(t, &tt.tool, p); c.Status != tt.status || !strings.Contains(c.Message, tt.says) {
				t.Errorf("callback = %+v, want status %d with %q", c, tt.status, tt.says)
			}
		})
	}
	var c toolsim.Callback
	if err := json.Unmarshal(new(toolsim.Tool).Sign(t.Context(), []byte("x")), &c); err != nil || c.Status != toolsim.StatusParameters {
		t.Errorf("callback to no JSON = %+v, %v, want status %d", c, err, toolsim.StatusParameters)
	}
}
