package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"sohoa"
)

// server is `sohoa serve` in a process of its own.
type server struct {
	t     testing.TB
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended and its output is read

	mu    sync.Mutex        // guards what follows, which is written until the server is ready
	base  string            // http://127.0.0.1:PORT
	links map[string]string // to set a password, by user; the administrator has none any more after the first time
	said  bytes.Buffer
}

// serve starts the server on a free port and returns when it is ready, or
// has ended.
func (p *program) serve(args ...string) *server {
	p.t.Helper()
	s := p.launch(args...)
	until(p.t, "the server", func() bool { return s.isReady() || s.hasEnded() })
	if s.hasEnded() {
		p.t.Fatalf("serve ended: %v\n%s", s.cmd.ProcessState, s.output())
	}
	return s
}

// launch starts the server and does not wait. It is killed when the test ends.
func (p *program) launch(args ...string) *server {
	p.t.Helper()
	s := &server{t: p.t, ended: make(chan struct{}), links: map[string]string{}}
	s.cmd = p.command(append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	out, err := s.cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		s.listen(out)
		s.cmd.Wait() // how it ended is in ProcessState
		close(s.ended)
	}()
	p.t.Cleanup(s.kill)
	return s
}

// listen takes in what the server says.
func (s *server) listen(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		s.mu.Lock()
		fmt.Fprintln(&s.said, line)
		if base, ok := strings.CutPrefix(line, "Open "); ok {
			s.base = base
		}
		if _, link, ok := strings.Cut(line, "(one-time link): "); ok {
			s.links[firstAdmin] = link
		}
		if who := introduced.FindStringSubmatch(line); who != nil {
			s.links[who[1]] = who[2]
		}
		s.mu.Unlock()
	}
}

// introduced is the line of a person of the demonstration.
var introduced = regexp.MustCompile(`^  (\w+) .*: (http://[^/]+/setup/\S+)$`)

// link is where a user sets their password; it waits until it was printed.
func (s *server) link(user string) (path string) {
	s.t.Helper()
	until(s.t, "the link of "+user, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		path = strings.TrimPrefix(s.links[user], s.base)
		return path != "" || s.hasEnded()
	})
	if path == "" {
		s.t.Fatalf("serve ended without a link of %s\n%s", user, s.output())
	}
	return path
}

func (s *server) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.String()
}

// address is where the server answers; empty until it does.
func (s *server) address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.base
}

func (s *server) isReady() bool { return s.address() != "" }

func (s *server) hasEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// kill ends the server at once.
func (s *server) kill() {
	s.cmd.Process.Kill() // fails if it has ended, which is as well
	<-s.ended
}

// stop ends the server as an operator would, and it must end well.
func (s *server) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	<-s.ended
	if status := s.cmd.ProcessState.ExitCode(); status != exitDone {
		s.t.Errorf("serve ended with status %d, want 0\n%s", status, s.output())
	}
}

// person is somebody who uses a server.
type person struct {
	http *http.Client
	base string
}

const password = "đọc sách mỗi tối"

// tell takes in a link that a page showed.
func (s *server) tell(user, link string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links[user] = link
}

// signIn sets the first administrator's password by the link that the server
// printed; the person is then signed in, also after the server started anew.
func (s *server) signIn() *person {
	s.t.Helper()
	path := s.link(firstAdmin)
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &person{base: s.base, http: &http.Client{Jar: jar, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	form := url.Values{"password": {password}, "again": {password}}
	status, body, err := b.do(s.t.Context(), "POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil || status != http.StatusSeeOther {
		s.t.Fatalf("POST %s = %d, %v, want 303\n%s", path, status, err, body)
	}
	return b
}

// do sends a request as a page of the server itself would.
func (b *person) do(ctx context.Context, method, path, mediaType string, body io.Reader) (status int, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, method, b.base+path, body)
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", mediaType)
	resp, err := b.http.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// errNotAcknowledged says that an upload has to be sent again.
var errNotAcknowledged = errors.New("the upload was not acknowledged")

// upload brings a file into a dossier. Without errNotAcknowledged the server
// has promised to keep it.
func (b *person) upload(ctx context.Context, dossier, name string, body io.Reader) (doc sohoa.Document, err error) {
	path := "/api/v1/dossiers/" + url.PathEscape(dossier) + "/documents?name=" + url.QueryEscape(name)
	status, answer, err := b.do(ctx, "POST", path, "application/octet-stream", body)
	if err != nil {
		return doc, fmt.Errorf("%w: %w", errNotAcknowledged, err)
	}
	if status != http.StatusAccepted && status != http.StatusOK {
		return doc, fmt.Errorf("upload of %s = %d %s", name, status, answer)
	}
	return doc, json.Unmarshal(answer, &doc)
}

// document is what the server knows of a document.
func (b *person) document(t testing.TB, id sohoa.DocumentID) sohoa.Document {
	t.Helper()
	status, answer, err := b.do(t.Context(), "GET", "/api/v1/documents/"+id.String(), "", nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("GET document %s = %d, %v\n%s", id, status, err, answer)
	}
	return decode[sohoa.Document](t, string(answer))
}
