package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/localfs"
	"sohoa/archive/sqlite"
	"sohoa/ingest"
	"sohoa/ingest/queue"
	"sohoa/web"
)

// withIntake makes a server whose files go to ingest, with nobody working on
// them.
func withIntake(t *testing.T) (*office, *localfs.Store) {
	t.Helper()
	o := newOffice(t)
	dir := t.TempDir()
	var err error
	if o.catalog, err = sqlite.Open(t.Context(), filepath.Join(dir, "catalog.db"), queue.New(slog.New(slog.DiscardHandler))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.catalog.Close() })
	blobs, err := localfs.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	o.web, err = web.New(web.Config{
		Catalog: o.catalog, Sessions: o.catalog.Sessions(), Index: o.shelf.index, Verify: o.verify,
		Intake: ingest.New(ingest.Config{Catalog: o.catalog, Blobs: blobs, Log: slog.New(slog.DiscardHandler)}),
	})
	if err != nil {
		t.Fatal(err)
	}
	o.server = httptest.NewServer(o.web)
	t.Cleanup(o.server.Close)
	o.furnish()
	return o, blobs
}

// stored counts the blobs of a store.
func stored(t *testing.T, blobs *localfs.Store) int {
	t.Helper()
	n := 0
	for _, err := range blobs.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestUploadIntoIntake(t *testing.T) {
	o, blobs := withIntake(t)
	lan := o.signedIn("lan")
	data := scan(t, "cong-van-01.png")
	doc := lan.upload(dossierA, "../../\u202Ecông văn\n.png", data)
	if doc.MediaType != "image/png" || strings.ContainsAny(doc.Name, "/\n\u202E") {
		t.Errorf("upload = %q of %q, want image/png under a clean name", doc.Name, doc.MediaType)
	}
	if a := lan.do(http.MethodPost, uploadPath(dossierA, "lại.png"), bytes.NewReader(data)); a.status != http.StatusOK {
		t.Errorf("the same bytes again = %d, want 200", a.status)
	}
	if a := lan.get("/api/v1/documents/" + doc.ID.String() + "/files/original"); a.body != string(data) {
		t.Errorf("original = %d bytes, want %d", len(a.body), len(data))
	}
	for _, tt := range []struct{ name, body, code string }{
		{"empty.jpg", "", "file.empty"},
		{"text.pdf", "đây là văn bản", "file.type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := lan.do(http.MethodPost, uploadPath(dossierA, tt.name), strings.NewReader(tt.body))
			var p problemReply
			a.decode(t, &p)
			if a.status != http.StatusBadRequest || p.Code != tt.code || !strings.Contains(p.Detail, tt.name) {
				t.Errorf("upload of %s = %d %+v, want 400 %s naming it", tt.name, a.status, p, tt.code)
			}
		})
	}
	if n := stored(t, blobs); n != 1 {
		t.Errorf("blobs stored = %d, want 1", n)
	}
}

// An upload that breaks off leaves nothing behind.
func TestUploadCutOff(t *testing.T) {
	o, blobs := withIntake(t)
	lan := o.signedIn("lan")
	var cookies []string
	for _, c := range lan.http.Jar.Cookies(mustURL(t, o.server.URL)) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	conn, err := net.Dial("tcp", o.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	data := scan(t, "cong-van-01.png")
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nCookie: %s\r\nContent-Length: %d\r\n\r\n", uploadPath(dossierA, "a.png"), strings.Join(cookies, "; "), len(data))
	if _, err := conn.Write(data[:len(data)/2]); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "file.incomplete") {
		t.Errorf("half an upload = %d %s, %v; want 400 file.incomplete", resp.StatusCode, body, err)
	}
	if n := stored(t, blobs); n != 0 {
		t.Errorf("blobs stored = %d, want 0", n)
	}
	if n := len(o.journal(sohoa.ActionAccept)); n != 0 {
		t.Errorf("acceptances in the journal = %d, want 0", n)
	}
}
