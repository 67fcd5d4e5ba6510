package archivetest

import (
	"encoding/base64"
	"fmt"
	"go/build"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// S3Servers are the names that StartS3 knows.
var S3Servers = []string{"versitygw", "minio"}

// S3 says how to reach a server that StartS3 started.
type S3 struct {
	Endpoint  string // host:port, without TLS, path style
	AccessKey string
	SecretKey string

	options S3Options
}

// S3Options are what a server may be told beyond the usual.
type S3Options struct {
	Versions bool   // buckets can have versions and Object Lock (MinIO's always can)
	KMS      bool   // objects can be encrypted at the server, with the key "papers" too (MinIO)
	Domain   string // buckets are hosts below this domain too
}

// startTime bounds the start of a server.
const startTime = 30 * time.Second

// StartS3 starts an S3 server on a free port, with an empty folder of its
// own, until the test ends. The program is looked for in PATH and in
// $GOPATH/bin; without it the test is skipped, or fails where CI is set.
func StartS3(t testing.TB, name string) S3 {
	t.Helper()
	return StartS3With(t, name, S3Options{})
}

// StartS3With is StartS3 with options.
func StartS3With(t testing.TB, name string, o S3Options) S3 {
	t.Helper()
	program := Program(t, name)
	for range 3 { // somebody else may take the port meanwhile
		s := S3{Endpoint: freeAddress(t), AccessKey: "sohoa", SecretKey: "sohoa-secret", options: o}
		if start(t, serverCommand(t, program, name, s), "http://"+s.Endpoint) {
			return s
		}
	}
	t.Fatalf("%s does not start", name)
	return S3{}
}

// Program returns the path of a program that a test needs.
func Program(t testing.TB, name string) string {
	t.Helper()
	if p, err := exec.LookPath(name); err == nil {
		return p
	}
	p := filepath.Join(build.Default.GOPATH, "bin", name)
	if _, err := os.Stat(p); err == nil {
		return p
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is neither in PATH nor in GOPATH/bin", name)
	}
	t.Skipf("%s is neither in PATH nor in GOPATH/bin", name)
	return ""
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func serverCommand(t testing.TB, program, name string, s S3) *exec.Cmd {
	dir := t.TempDir()
	switch name {
	case "versitygw":
		args := []string{"--port", s.Endpoint, "--access", s.AccessKey, "--secret", s.SecretKey, "--quiet", "--keep-alive"}
		if s.options.Domain != "" {
			args = append(args, "--virtual-domain", s.options.Domain)
		}
		args = append(args, "posix")
		if s.options.Versions {
			args = append(args, "--versioning-dir", t.TempDir())
		}
		return exec.Command(program, append(args, dir)...)
	case "minio":
		cmd := exec.Command(program, "server", "--quiet", "--address", s.Endpoint, "--console-address", freeAddress(t), dir)
		cmd.Env = append(os.Environ(), "MINIO_ROOT_USER="+s.AccessKey, "MINIO_ROOT_PASSWORD="+s.SecretKey,
			"MINIO_BROWSER=off", "MINIO_UPDATE=off", "HOME="+dir)
		if s.options.KMS {
			cmd.Env = append(cmd.Env, "MINIO_KMS_SECRET_KEY=papers:"+base64.StdEncoding.EncodeToString(make([]byte, 32)))
		}
		if s.options.Domain != "" {
			cmd.Env = append(cmd.Env, "MINIO_DOMAIN="+s.options.Domain)
		}
		return cmd
	}
	t.Fatalf("no server %q", name)
	return nil
}

// start reports whether the server came up.
func start(t testing.TB, cmd *exec.Cmd, url string) bool {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	if err := answers(url, exited); err != nil {
		text, _ := os.ReadFile(log)
		t.Logf("start %s: %v\n%s", cmd.Path, err, text)
		cmd.Process.Kill()
		return false
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-exited
	})
	return true
}

// answers waits until something at url speaks HTTP.
func answers(url string, exited <-chan error) error {
	deadline := time.After(startTime)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	client := http.Client{Timeout: 5 * time.Second}
	for {
		resp, err := client.Get(url)
		if err == nil && resp.StatusCode != http.StatusServiceUnavailable {
			return resp.Body.Close()
		}
		if err == nil {
			resp.Body.Close()
		}
		select {
		case err := <-exited:
			return fmt.Errorf("it ended: %v", err)
		case <-deadline:
			return fmt.Errorf("no answer within %v: %v", startTime, err)
		case <-tick.C:
		}
	}
}
