package web_test

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// tokenTool is a stand-in for the state's token tool: a WebSocket server that
// is told where a PDF is, fetches it, signs it, brings it back and says how it
// went.
type tokenTool struct {
	o    *office // set before a page talks to it
	acts chan string
}

func newTokenTool(t *testing.T) (*tokenTool, string) {
	t.Helper()
	tool := &tokenTool{acts: make(chan string, 10)}
	server := httptest.NewServer(tool)
	t.Cleanup(server.Close)
	return tool, "ws" + strings.TrimPrefix(server.URL, "http")
}

// ServeHTTP is one WebSocket (RFC 6455) that takes one message and gives one.
func (tt *tokenTool) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		tt.o.t.Error(err)
		return
	}
	defer conn.Close()
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	message, err := readFrame(buffered.Reader)
	if err != nil {
		return // a page that only looked whether somebody is there
	}
	tt.acts <- r.URL.Path
	answer, err := json.Marshal(tt.sign(message))
	if err != nil {
		tt.o.t.Error(err)
	}
	conn.Write(append(frameHead(len(answer)), answer...))
	_, _ = io.Copy(io.Discard, conn) // until the page closes
}

// frameHead begins a frame of text; lengths have their shortest form.
func frameHead(length int) []byte {
	if length < 126 {
		return []byte{0x81, byte(length)}
	}
	return []byte{0x81, 126, byte(length >> 8), byte(length)}
}

// readFrame is the text of one masked frame.
func readFrame(r *bufio.Reader) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	length := int(head[1] & 0x7f)
	if length == 126 {
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return nil, err
		}
		length = int(binary.BigEndian.Uint16(long[:]))
	}
	frame := make([]byte, 4+length)
	if _, err := io.ReadFull(r, frame); err != nil {
		return nil, err
	}
	text := frame[4:]
	for i := range text {
		text[i] ^= frame[i%4]
	}
	if head[0] != 0x81 {
		return nil, errors.New("no text")
	}
	return text, nil
}

// sign does what a page asked for.
func (tt *tokenTool) sign(message []byte) map[string]any {
	var want struct{ FileUploadHandler, FileName string }
	if err := json.Unmarshal(message, &want); err != nil {
		return map[string]any{"Status": 1, "Message": err.Error()}
	}
	resp, err := http.Get(want.FileName)
	if err != nil {
		return map[string]any{"Status": 1, "Message": err.Error()}
	}
	defer resp.Body.Close()
	pdf, err := io.ReadAll(resp.Body)
	if err != nil {
		return map[string]any{"Status": 1, "Message": err.Error()}
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("uploadfile", "signed.pdf")
	if err != nil {
		return map[string]any{"Status": 1, "Message": err.Error()}
	}
	part.Write(signPDF(tt.o.t, tt.o.ca, pdf))
	form.Close()
	back, err := http.Post(want.FileUploadHandler, form.FormDataContentType(), &body)
	if err != nil {
		return map[string]any{"Status": 1, "Message": err.Error()}
	}
	defer back.Body.Close()
	var answer struct {
		Status              bool
		Message, FileServer string
	}
	if err := json.NewDecoder(back.Body).Decode(&answer); err != nil || !answer.Status {
		return map[string]any{"Status": 1, "Message": answer.Message}
	}
	return map[string]any{"Status": 0, "Message": "", "FileServer": answer.FileServer}
}

// TestToolJourney signs with the token tool, and then, as if there were none,
// by download and upload.
func TestToolJourney(t *testing.T) {
	tool, address := newTokenTool(t)
	o := newOfficeWith(t, address)
	tool.o = o
	o.desk.kind = "" // nobody has a key on the server
	set, ids := o.putUp(o.signedIn("lan"), 3, "lehoa")
	b := newBrowser(o, "tool", 1366, 768, false)
	b.enters("lehoa")
	b.open("/sets/" + string(set.ID))
	b.choose(ids[0], ids[1])
	b.click(`[data-tool-sign]`)
	b.wait(`.tickets li:nth-child(2) :is(.ok, .bad)`)
	if said := eval[string](b, `document.querySelector('.tickets').innerText`); strings.Count(said, "đã ký, đã kiểm tra") != 2 {
		t.Errorf("the page says %q, want two documents signed", said)
	}
	for range 2 {
		if act := <-tool.acts; act != "/SignApproved" {
			t.Errorf("the tool was asked for %q, want /SignApproved", act)
		}
	}
	b.wait(`[id="` + ids[1].String() + `"] .item-done`)
	b.fits("01-by-tool")

	b.choose(ids[2])
	b.click(`[data-tool-files]`)
	b.wait(`.tickets input`)
	path := eval[string](b, `document.querySelector('.tickets a').getAttribute('href')`)
	signed := filepath.Join(t.TempDir(), "đã ký.pdf")
	if err := os.WriteFile(signed, signPDF(t, o.ca, []byte(o.stranger().get(path).body)), 0o600); err != nil {
		t.Fatal(err)
	}
	b.run(chromedp.SetUploadFiles(chromedp.CSS(`.tickets input`), []string{signed}))
	b.wait(`.tickets .ok`)
	b.fits("02-by-hand")
	b.quiet()
}

// TestToolIsMissing presses the button where no tool answers.
func TestToolIsMissing(t *testing.T) {
	o := newOfficeWith(t, "ws://127.0.0.1:9") // nobody listens there
	set, ids := o.putUp(o.signedIn("lan"), 1, "lehoa")
	b := newBrowser(o, "no-tool", 1366, 768, false)
	b.enters("lehoa")
	b.open("/sets/" + string(set.ID))
	b.choose(ids[0])
	b.click(`[data-tool-sign]`)
	b.wait(`.tickets .bad`)
	if said := eval[string](b, `document.querySelector('.tickets .bad').textContent`); !strings.Contains(said, "Không thấy công cụ ký") {
		t.Errorf("the page says %q, want that no tool answers", said)
	}
}
