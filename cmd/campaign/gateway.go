package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"sohoa/archive/archivetest"
	"sohoa/archive/s3"
)

// gateway is versitygw on a folder, and in front of it a proxy that
// misbehaves.
type gateway struct {
	dir, address string
	proxy        *archivetest.Proxy

	mu  sync.Mutex
	cmd *exec.Cmd // guarded by mu
}

const (
	accessKey = "sohoa"
	secretKey = "sohoa-secret"
	bucket    = "campaign"
)

// newGateway starts a gateway on folder dir with an empty bucket.
func newGateway(ctx context.Context, dir string) (*gateway, error) {
	g := &gateway{dir: dir, address: freeAddress()}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := g.start(ctx); err != nil {
		return nil, err
	}
	if _, err := g.open(ctx); err != nil { // makes the bucket
		return nil, err
	}
	var err error
	g.proxy, err = archivetest.NewProxy(g.address)
	return g, err
}

// program finds an outside program: in PATH, or where the checks install it.
func program(name string) (string, error) {
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	for _, dir := range []string{".tools/bin", "../../.tools/bin"} {
		if p, err := filepath.Abs(filepath.Join(dir, name)); err == nil {
			if _, err := os.Stat(p); err == nil {
				return p, nil
			}
		}
	}
	return "", fmt.Errorf("%s is not in PATH", name)
}

func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // a machine without loopback
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts the gateway and waits until it answers.
func (g *gateway) start(ctx context.Context) error {
	exe, err := program("versitygw")
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cmd = exec.Command(exe, "--port", g.address, "--access", accessKey, "--secret", secretKey, "--quiet", "--keep-alive", "posix", g.dir)
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := g.cmd.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		conn, err := net.Dial("tcp", g.address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("start versitygw: %w", err)
		}
	}
}

// kill ends the gateway at once.
func (g *gateway) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cmd.Process.Kill()
	g.cmd.Wait() // "signal: killed" is what was asked for
}

// settings are the server's: it goes through the proxy.
func (g *gateway) settings() []string {
	return []string{"SOHOA_STORE=s3", "SOHOA_S3_ENDPOINT=" + g.proxy.Addr, "SOHOA_S3_BUCKET=" + bucket,
		"SOHOA_S3_ACCESS_KEY=" + accessKey, "SOHOA_S3_SECRET_KEY=" + secretKey, "SOHOA_S3_INSECURE=true"}
}

// open opens the bucket past the proxy.
func (g *gateway) open(ctx context.Context) (*s3.Store, error) {
	return s3.Open(ctx, s3.Config{Endpoint: g.address, Region: "us-east-1", Bucket: bucket, AccessKey: accessKey, SecretKey: secretKey, PathStyle: true, CreateBucket: true})
}

// storeFaults are the names of what the proxy does.
var storeFaults = []string{"503", "drop", "half", "lost", "cut", "wrong", "slow"}

// storeFault is what the proxy does, according to the request; pause is for
// "slow".
func storeFault(name string, pause time.Duration) []archivetest.Fault {
	switch name {
	case "503":
		return []archivetest.Fault{archivetest.SlowDown}
	case "drop":
		return []archivetest.Fault{archivetest.Refused}
	case "half":
		return []archivetest.Fault{archivetest.HalfRequest}
	case "lost":
		return []archivetest.Fault{archivetest.LostAnswer}
	case "cut":
		return []archivetest.Fault{archivetest.CutAnswer}
	case "wrong":
		return []archivetest.Fault{archivetest.WrongBytes, archivetest.WrongListing}
	}
	return []archivetest.Fault{archivetest.Slow(pause)}
}
