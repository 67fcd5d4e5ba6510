package s3_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/s3"
)

// TestConditionsAreHonoured: the suite would skip them if they were not.
func TestConditionsAreHonoured(t *testing.T) {
	for _, name := range archivetest.S3Servers {
		c := config(archivetest.StartS3(t, name))
		for range 2 { // with and without the probe being there
			if !open(t, c).Conditional() {
				t.Errorf("%s: Conditional = false, want true", name)
			}
		}
	}
}

// TestLateWriter holds a conditional upload back until another writer was
// there.
func TestLateWriter(t *testing.T) {
	for _, name := range archivetest.S3Servers {
		for _, row := range []struct {
			name  string
			write func(s *s3.Store, tag, data string) error
		}{
			{"new", func(s *s3.Store, _, data string) error {
				_, err := s.PutNew(t.Context(), "new", strings.NewReader(data))
				return err
			}},
			{"over", func(s *s3.Store, tag, data string) error {
				_, err := s.PutOver(t.Context(), "over", tag, strings.NewReader(data))
				return err
			}},
		} {
			t.Run(name+", "+row.name, func(t *testing.T) {
				c := config(archivetest.StartS3(t, name))
				prompt := open(t, c)
				before, err := prompt.Put(t.Context(), "over", strings.NewReader("before"))
				if err != nil {
					t.Fatal(err)
				}
				p := archivetest.StartProxy(t, c.Endpoint)
				c.Endpoint = p.Addr
				late := open(t, c)
				gate := archivetest.NewGate()
				p.Rules(archivetest.Rule{Method: "PUT", Times: 1, Fault: gate.Fault()})
				done := make(chan error, 1)
				go func() { done <- row.write(late, before.Tag, "late") }()
				<-gate.Reached()
				if err := row.write(prompt, before.Tag, "prompt"); err != nil {
					t.Fatal(err)
				}
				gate.Open()
				if err := <-done; !errors.Is(err, sohoa.ErrConflict) {
					t.Errorf("the late writer gets %v, want ErrConflict", err)
				}
				if got := archivetest.ReadBlob(t, prompt, row.name); string(got) != "prompt" {
					t.Errorf("read %q, want what the prompt writer wrote", got)
				}
			})
		}
	}
}

// versioned starts a server and makes a bucket with versions, and with Object
// Lock if lock is not none.
func versioned(t *testing.T, name string, lock s3.Lock) (s3.Config, *minio.Client) {
	t.Helper()
	server := archivetest.StartS3With(t, name, archivetest.S3Options{Versions: true})
	c := config(server)
	c.Lock = lock
	client, err := minio.New(server.Endpoint, &minio.Options{
		Creds: credentials.NewStaticV4(server.AccessKey, server.SecretKey, ""), Region: "us-east-1", BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.MakeBucket(t.Context(), c.Bucket, minio.MakeBucketOptions{ObjectLocking: lock != s3.LockNone}); err != nil {
		t.Fatal(err)
	}
	if err := client.EnableVersioning(t.Context(), c.Bucket); lock == s3.LockNone && err != nil {
		t.Fatal(err)
	}
	return c, client
}

// versions counts the versions and delete markers of what begins with prefix.
func versions(t *testing.T, client *minio.Client, bucket, prefix string) int {
	t.Helper()
	n := 0
	for o := range client.ListObjectsIter(t.Context(), bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, WithVersions: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		n++
	}
	return n
}

// TestVersionedBuckets passes the whole suite, each part with a prefix of its
// own, in buckets with versions, one of them with Object Lock.
func TestVersionedBuckets(t *testing.T) {
	for name, lock := range map[string]s3.Lock{"versitygw": s3.LockNone, "minio": s3.LockCompliance} {
		t.Run(fmt.Sprintf("%s, lock %q", name, lock), func(t *testing.T) {
			c, _ := versioned(t, name, lock)
			n := 0
			archivetest.Blobs(t, func(t *testing.T) archive.Blobs {
				n++
				c := c
				c.Prefix = fmt.Sprintf("part-%d", n)
				return open(t, c)
			})
		})
	}
}

// TestRemoveAndPurge: what Remove hides is there still, what Purge removes is
// not.
func TestRemoveAndPurge(t *testing.T) {
	for _, name := range archivetest.S3Servers {
		t.Run(name, func(t *testing.T) {
			c, client := versioned(t, name, s3.LockNone)
			s := open(t, c)
			for i := range 3 {
				for _, key := range []string{"d/k", "d/kk"} {
					if _, err := s.Put(t.Context(), key, strings.NewReader(fmt.Sprint(i))); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := s.Remove(t.Context(), "d/k"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Stat(t.Context(), "d/k"); !errors.Is(err, sohoa.ErrNotExist) {
				t.Errorf("Stat after Remove = %v, want ErrNotExist", err)
			}
			if n := versions(t, client, c.Bucket, "d/k"); n != 7 { // and the delete marker
				t.Errorf("%d versions after Remove, want 7", n)
			}
			if err := s.Purge(t.Context(), "d/k"); err != nil {
				t.Errorf("Purge = %v", err)
			}
			if n := versions(t, client, c.Bucket, "d/k"); n != 3 {
				t.Errorf("%d versions after Purge, want the 3 of the other", n)
			}
			if got := archivetest.ReadBlob(t, s, "d/kk"); string(got) != "2" {
				t.Errorf("the other is %q, want 2", got)
			}
			if err := s.PurgeAll(t.Context(), "d/"); err != nil {
				t.Errorf("PurgeAll = %v", err)
			}
			if n := versions(t, client, c.Bucket, "d/"); n != 0 {
				t.Errorf("%d versions after PurgeAll, want 0", n)
			}
		})
	}
}

func TestObjectLock(t *testing.T) {
	for _, name := range archivetest.S3Servers {
		for _, lock := range []s3.Lock{s3.LockGovernance, s3.LockCompliance} {
			t.Run(fmt.Sprintf("%s, %s", name, lock), func(t *testing.T) {
				c, client := versioned(t, name, lock)
				testLock(t, open(t, c), func(key string) int { return versions(t, client, c.Bucket, key) })
			})
		}
	}
}

func testLock(t *testing.T, s *s3.Store, versions func(key string) int) {
	for _, key := range []string{"ocfl/k", "ocfl/held", "work/k"} {
		if _, err := s.Put(t.Context(), key, strings.NewReader("kept")); err != nil {
			t.Fatal(err)
		}
	}
	until := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	for _, row := range []struct{ until, want time.Time }{
		{time.Now().Add(-time.Hour), time.Time{}}, {until, until}, {until.Add(-24 * time.Hour), until}, {until.Add(time.Hour), until.Add(time.Hour)},
	} {
		if err := s.Retain(t.Context(), "ocfl/k", row.until); err != nil {
			t.Fatalf("Retain until %v = %v", row.until, err)
		}
		if got, err := s.Retained(t.Context(), "ocfl/k"); err != nil || !got.Equal(row.want) {
			t.Errorf("Retained after Retain until %v = %v, %v, want %v", row.until, got, err, row.want)
		}
	}
	if err := s.Hold(t.Context(), "ocfl/held", true); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"ocfl/k", "ocfl/held"} {
		checkLocked(t, s, key)
	}
	if got, err := s.Retained(t.Context(), "work/k"); err != nil || !got.IsZero() {
		t.Errorf("a working file is locked until %v, %v", got, err)
	}
	if err := s.Purge(t.Context(), "work/k"); err != nil || versions("work/k") != 0 {
		t.Errorf("Purge of a working file = %v, %d versions", err, versions("work/k"))
	}
	// A new version may come; the one that was locked stays.
	if _, err := s.Put(t.Context(), "ocfl/k", strings.NewReader("newer")); err != nil {
		t.Errorf("Put over a locked version = %v", err)
	}
	if err := s.PurgeAll(t.Context(), "ocfl/"); err == nil || versions("ocfl/k") == 0 {
		t.Errorf("PurgeAll = %v, %d versions, want the locked one to stay", err, versions("ocfl/k"))
	}
	if err := s.Hold(t.Context(), "ocfl/held", false); err != nil {
		t.Errorf("Hold(false) = %v", err)
	}
	if err := s.Purge(t.Context(), "ocfl/held"); err != nil || versions("ocfl/held") != 0 {
		t.Errorf("Purge after the hold = %v, %d versions", err, versions("ocfl/held"))
	}
}

func checkLocked(t *testing.T, s *s3.Store, key string) {
	t.Helper()
	var p *sohoa.Problem
	if err := s.Purge(t.Context(), key); !errors.As(err, &p) || p.Code != "store.locked" || !errors.Is(err, sohoa.ErrForbidden) {
		t.Errorf("Purge(%q) of a locked blob = %v, want store.locked", key, err)
	}
	if got := archivetest.ReadBlob(t, s, key); string(got) != "kept" {
		t.Errorf("%s is %q after Purge, want it unchanged", key, got)
	}
}

// TestUnsupported asks for what a bucket does not have.
func TestUnsupported(t *testing.T) {
	for _, name := range archivetest.S3Servers {
		plain := config(archivetest.StartS3(t, name))
		open(t, plain) // makes the bucket, without Object Lock
		for _, row := range []struct {
			name   string
			change func(*s3.Config)
		}{
			{"lock", func(c *s3.Config) { c.Lock = s3.LockCompliance }},
			{"encryption", func(c *s3.Config) { c.Encryption = "AES256" }},
			{"key", func(c *s3.Config) { c.Encryption = "aws:kms:papers" }},
		} {
			c := plain
			row.change(&c)
			var p *sohoa.Problem
			if _, err := s3.Open(t.Context(), c); !errors.As(err, &p) || p.Code != "store.unsupported" {
				t.Errorf("%s, %s: Open = %v, want store.unsupported", name, row.name, err)
			}
		}
	}
}

func TestEncryption(t *testing.T) {
	server := archivetest.StartS3With(t, "minio", archivetest.S3Options{KMS: true})
	for _, how := range []string{"AES256", "aws:kms:papers"} {
		t.Run(how, func(t *testing.T) {
			c := config(server)
			open(t, c) // a probe of before
			c.Encryption = how
			s := open(t, c)
			for key, size := range map[string]int{"k": 1000, "parts": 9 << 20} {
				data := random(size)
				if _, err := s.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
					t.Fatal(err)
				}
				if got := archivetest.ReadBlob(t, s, key); !bytes.Equal(got, data) {
					t.Errorf("%s: %d bytes that differ from the %d put", key, len(got), size)
				}
			}
			if err := s.Copy(t.Context(), "copy", "k"); err != nil {
				t.Fatal(err)
			}
			client, err := minio.New(c.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Region: "us-east-1"})
			if err != nil {
				t.Fatal(err)
			}
			want, _, _ := strings.Cut(how, ":papers")
			for _, key := range []string{"k", "parts", "copy"} {
				o, err := client.StatObject(t.Context(), c.Bucket, key, minio.StatObjectOptions{})
				if got := o.Metadata.Get("X-Amz-Server-Side-Encryption"); err != nil || got != want {
					t.Errorf("%s is encrypted by %q, %v, want %q", key, got, err, want)
				}
			}
		})
	}
	if _, err := s3.Open(t.Context(), s3.Config{Endpoint: server.Endpoint, Bucket: "papers", AccessKey: "a", Encryption: "rot13"}); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("Open with encryption rot13 = %v, want ErrInvalid", err)
	}
}

// TestHostStyle reaches buckets by their names as hosts, which are not in the
// DNS here.
func TestHostStyle(t *testing.T) {
	for _, name := range archivetest.S3Servers {
		t.Run(name, func(t *testing.T) {
			server := archivetest.StartS3With(t, name, archivetest.S3Options{Domain: "s3.test"})
			_, port, err := net.SplitHostPort(server.Endpoint)
			if err != nil {
				t.Fatal(err)
			}
			archivetest.Blobs(t, func(t *testing.T) archive.Blobs {
				c := config(server)
				open(t, c) // makes the bucket, which is no matter of its own host
				c.CreateBucket, c.PathStyle, c.Endpoint = false, false, "s3.test:"+port
				c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					if want := c.Bucket + ".s3.test:" + port; address != want {
						t.Errorf("dial %s, want %s", address, want)
					}
					return new(net.Dialer).DialContext(ctx, network, server.Endpoint)
				}
				return open(t, c)
			})
		})
	}
}

// TestCA puts a server with a certificate of its own in front.
func TestCA(t *testing.T) {
	server := archivetest.StartS3(t, "versitygw")
	front := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: server.Endpoint})
		r.Out.Host = r.In.Host
	}})
	front.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are meant
	front.StartTLS()
	defer front.Close()
	c := config(server)
	c.TLS, c.Endpoint, c.Retries = true, strings.TrimPrefix(front.URL, "https://"), 2
	var p *sohoa.Problem
	if _, err := s3.Open(t.Context(), c); !errors.As(err, &p) || p.Code != "store.certificate" {
		t.Errorf("Open without the CA = %v, want store.certificate", err)
	}
	c.CA = filepath.Join(t.TempDir(), "ca.pem")
	if _, err := s3.Open(t.Context(), c); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("Open with a CA file that is not there = %v, want ErrInvalid", err)
	}
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	if err := os.WriteFile(c.CA, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, c).Put(t.Context(), "k", strings.NewReader("x")); err != nil {
		t.Errorf("Put over TLS = %v", err)
	}
}

// TestCredentials come from the environment and from the usual file.
func TestCredentials(t *testing.T) {
	server := archivetest.StartS3(t, "versitygw")
	c := config(server)
	c.AccessKey, c.SecretKey = "", ""
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	file := filepath.Join(t.TempDir(), "credentials")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	var p *sohoa.Problem
	if _, err := s3.Open(t.Context(), c); !errors.As(err, &p) || p.Code != "store.refused" {
		t.Errorf("Open without keys = %v, want store.refused", err)
	}
	text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", server.AccessKey, server.SecretKey)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, c)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", server.AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", server.SecretKey)
	open(t, c)
}

// TestSessionToken sees the token in a request.
func TestSessionToken(t *testing.T) {
	seen := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get("X-Amz-Security-Token")
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	c := s3.Config{Endpoint: strings.TrimPrefix(server.URL, "http://"), Bucket: "papers", AccessKey: "a", SecretKey: "b", SessionToken: "for an hour", PathStyle: true}
	if _, err := s3.Open(t.Context(), c); !errors.Is(err, sohoa.ErrForbidden) {
		t.Errorf("Open = %v, want ErrForbidden", err)
	}
	if got := <-seen; got != c.SessionToken {
		t.Errorf("token %q, want %q", got, c.SessionToken)
	}
}
