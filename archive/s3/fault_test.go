package s3_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/s3"
)

func setUp(t *testing.T) (*s3.Store, *archivetest.Proxy) {
	t.Helper()
	server := archivetest.StartS3(t, "versitygw")
	p := archivetest.StartProxy(t, server.Endpoint)
	server.Endpoint = p.Addr
	c := config(server)
	c.Timeout, c.Retries, c.PartBytes = 2*time.Second, 3, 5<<20
	return open(t, c), p
}

// refuse is what a server says of bytes that it did not understand.
var refuse = archivetest.Status(http.StatusBadRequest, "BadRequest", 0).Closing()

// TestRefusalOfAnotherRequest answers a listing with what a server says of
// the rest of an upload.
func TestRefusalOfAnotherRequest(t *testing.T) {
	s, p := setUp(t)
	if _, err := s.Put(t.Context(), "a/b", bytes.NewReader(random(10))); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		n    int
		want int // keys; negative is an error
	}{{"once", 1, 1}, {"twice", 2, 1}, {"always", 0, -1}} {
		p.Rules(archivetest.Rule{Method: "GET", Times: row.n, Fault: refuse})
		n := 0
		for _, err := range s.List(t.Context(), "a/") {
			if n++; err != nil {
				n = -1
				break
			}
		}
		p.Rules()
		if n != row.want {
			t.Errorf("%s: List gives %d, want %d", row.name, n, row.want)
		}
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func TestUploadFaults(t *testing.T) {
	s, p := setUp(t)
	for _, row := range []struct {
		name  string
		fault archivetest.Fault
		times int    // 0 is always
		code  string // of the Problem; "" if Put succeeds
	}{
		{"dropped once", archivetest.CutRequest, 1, ""},
		{"dropped always", archivetest.CutRequest, 0, "store.unavailable"},
		{"half arrives once", archivetest.HalfRequest, 1, ""},
		{"half arrives always", archivetest.HalfRequest, 0, "store.unavailable"},
		{"503 twice", archivetest.SlowDown, 2, ""},
		{"503 always", archivetest.SlowDown, 0, "store.slow"},
		{"429 twice", archivetest.TooMany, 2, ""},
		{"500 always", archivetest.Internal, 0, "store.unavailable"},
		{"full", archivetest.Full, 0, "store.full"},
		{"altered", archivetest.WrongRequest, 0, "store.unavailable"},
		{"another request refused once", refuse, 1, ""},
		{"another request refused twice", refuse, 2, ""},
		{"another request refused always", refuse, 0, "store.unavailable"},
		{"answer lost", archivetest.LostAnswer, 1, ""},
		{"somebody else answers", archivetest.Garbage, 0, "store.unavailable"},
		{"another checksum echoed", archivetest.WrongChecksum, 0, "store.unavailable"},
		{"refused", archivetest.Denied, 0, "store.refused"},
		{"clock", archivetest.Skewed, 0, "store.clock"},
	} {
		for size, name := range map[int]string{10_000: "one request", 12 << 20: "parts"} {
			t.Run(row.name+", "+name, func(t *testing.T) {
				data, key := random(size), strings.ReplaceAll(t.Name(), ",", "")
				p.Rules(archivetest.Rule{Method: "PUT", Times: row.times, Fault: row.fault})
				_, err := s.Put(t.Context(), key, bytes.NewReader(data))
				p.Rules()
				checkPut(t, s, key, data, err, row.code)
			})
		}
	}
}

// checkPut wants the blob if code is empty, else the Problem and no blob; and
// that the upload succeeds when tried again.
func checkPut(t *testing.T, s *s3.Store, key string, data []byte, err error, code string) {
	t.Helper()
	var problem *sohoa.Problem
	if code == "" && err != nil || code != "" && (!errors.As(err, &problem) || problem.Code != code) {
		t.Fatalf("Put = %v, want %q", err, code)
	}
	if code != "" {
		// A store that acknowledges wrongly may still have the right bytes.
		if _, err := s.Stat(t.Context(), key); !errors.Is(err, sohoa.ErrNotExist) && !strings.Contains(key, "another") {
			t.Errorf("Stat after a failed Put = %v, want ErrNotExist", err)
		}
		if _, err := s.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
			t.Fatalf("Put, again = %v", err)
		}
	}
	if got := archivetest.ReadBlob(t, s, key); !bytes.Equal(got, data) {
		t.Errorf("read %d bytes that differ from those put", len(got))
	}
}

func TestDownloadFaults(t *testing.T) {
	s, p := setUp(t)
	data := random(3 << 20)
	if _, err := s.Put(t.Context(), "k", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name  string
		fault archivetest.Fault
		times int // 0 is always
		want  error
	}{
		{"cut once", archivetest.CutAnswer, 1, nil},
		{"cut twice", archivetest.CutAnswer, 2, nil},
		{"503 once", archivetest.SlowDown, 1, nil},
		{"503 always", archivetest.SlowDown, 0, sohoa.ErrUnavailable},
		{"altered once", archivetest.WrongBytes, 1, nil},
		{"altered always", archivetest.WrongBytes, 0, sohoa.ErrVerification},
		{"truncated once", archivetest.Truncated, 1, nil},
		{"truncated always", archivetest.Truncated, 0, sohoa.ErrVerification},
		{"another ETag", archivetest.WrongETag, 1, nil},
		{"somebody else answers", archivetest.Garbage, 0, sohoa.ErrUnavailable},
		{"always cut", archivetest.CutAnswer, 0, sohoa.ErrUnavailable},
	} {
		t.Run(row.name, func(t *testing.T) {
			p.Rules(archivetest.Rule{Method: "GET", Times: row.times, Fault: row.fault})
			defer p.Rules()
			got, err := readAll(t.Context(), s, "k")
			if !errors.Is(err, row.want) || row.want == nil && !bytes.Equal(got, data) {
				t.Errorf("read %d of %d bytes, %v, want %v", len(got), len(data), err, row.want)
			}
		})
	}
}

func TestReadAtResumes(t *testing.T) {
	s, p := setUp(t)
	data := random(3 << 20)
	if _, err := s.Put(t.Context(), "k", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	b, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p.Rules(archivetest.Rule{Method: "GET", Times: 1, Fault: archivetest.CutAnswer})
	got := make([]byte, 2<<20)
	if _, err := b.ReadAt(got, 100); err != nil || !bytes.Equal(got, data[100:100+len(got)]) {
		t.Errorf("ReadAt across a cut = %v, want the bytes", err)
	}
}

func readAll(ctx context.Context, s *s3.Store, key string) ([]byte, error) {
	b, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return io.ReadAll(b)
}

// TestSilentStore has a store that accepts connections and says nothing.
func TestSilentStore(t *testing.T) {
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	c := config(archivetest.S3{Endpoint: strings.TrimPrefix(silent.URL, "http://"), AccessKey: "a", SecretKey: "b"})
	c.Timeout, c.Retries = 50*time.Millisecond, 2
	checkUnavailable(t, c)
}

func TestNoStore(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c := config(archivetest.S3{Endpoint: strings.TrimPrefix(gone.URL, "http://"), AccessKey: "a", SecretKey: "b"})
	c.Retries = 2
	checkUnavailable(t, c)
}

func checkUnavailable(t *testing.T, c s3.Config) {
	t.Helper()
	_, err := s3.Open(t.Context(), c)
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "store.unavailable" || !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Open = %v, want store.unavailable", err)
	}
}

func TestOpenRefused(t *testing.T) {
	server := archivetest.StartS3(t, "versitygw")
	wrong := config(server)
	wrong.SecretKey = "wrong"
	missing := config(server)
	missing.CreateBucket = false
	for _, row := range []struct {
		name   string
		config s3.Config
		want   error
	}{
		{"wrong secret", wrong, sohoa.ErrForbidden},
		{"no bucket", missing, sohoa.ErrNotExist},
		{"bad endpoint", s3.Config{Endpoint: "http://x/y", Bucket: "papers", AccessKey: "a", SecretKey: "b"}, sohoa.ErrInvalid},
	} {
		if _, err := s3.Open(t.Context(), row.config); !errors.Is(err, row.want) {
			t.Errorf("%s: Open = %v, want %v", row.name, err, row.want)
		}
	}
}

// TestForeignPrefix keeps two stores in one bucket apart.
func TestForeignPrefix(t *testing.T) {
	c := config(archivetest.StartS3(t, "versitygw"))
	one, two := c, c
	one.Prefix, two.Prefix = "one", "two/deep"
	a, b := open(t, one), open(t, two)
	if _, err := a.Put(t.Context(), "k", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Stat(t.Context(), "k"); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Stat under another prefix = %v, want ErrNotExist", err)
	}
	for info, err := range a.List(t.Context(), "") {
		if err != nil || info.Key != "k" {
			t.Errorf("List yields %q, %v, want k", info.Key, err)
		}
	}
}

// TestDigestIsKept reads the digest back for both kinds of upload.
func TestDigestIsKept(t *testing.T) {
	for _, name := range archivetest.S3Servers {
		s := open(t, config(archivetest.StartS3(t, name)))
		for _, size := range []int{1000, 9 << 20} {
			data := random(size)
			if _, err := s.Put(t.Context(), "k", bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
			if err := s.Copy(t.Context(), "copy", "k"); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"k", "copy"} {
				if info, err := s.Stat(t.Context(), key); err != nil || info.Digest != sohoa.Sum(data) {
					t.Errorf("%s: Stat(%q).Digest = %v, %v, want %v", name, key, info.Digest, err, sohoa.Sum(data))
				}
			}
		}
	}
}
