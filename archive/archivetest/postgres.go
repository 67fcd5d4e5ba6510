package archivetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a PostgreSQL server that StartPostgres started.
type Postgres struct {
	bin, dir string
	cred     *syscall.Credential // who runs it; nil is ourselves
	server   *exec.Cmd
	serial   atomic.Int32 // of databases
}

// StartPostgres starts a PostgreSQL server in a folder of its own, reached by
// a socket there, until the test ends. It writes to the disk as one in
// service does. The programs are looked for in PATH and where Debian has
// them; without them the test is skipped, or fails where CI is set.
func StartPostgres(t testing.TB) *Postgres {
	t.Helper()
	p := &Postgres{bin: postgresBin(t)}
	// Socket paths are short; t.TempDir is not, and closed to other users.
	dir, err := os.MkdirTemp("", "sohoa-pg")
	if err != nil {
		t.Fatal(err)
	}
	p.dir = dir
	t.Cleanup(func() { os.RemoveAll(dir) })
	if os.Getuid() == 0 {
		p.becomePostgres(t)
	}
	p.run(t, "initdb", "--pgdata", p.data(), "--username=sohoa", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	p.Start(t)
	t.Cleanup(func() { p.Stop(t) })
	return p
}

func postgresBin(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err == nil && len(found) > 0 {
		return filepath.Dir(slices.Max(found))
	}
	return filepath.Dir(Program(t, "initdb")) // skips or fails
}

// becomePostgres makes the server run as the user postgres: it refuses to run
// as root.
func (p *Postgres) becomePostgres(t testing.TB) {
	t.Helper()
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(p.dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	p.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *Postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.cred}
	return cmd
}

func (p *Postgres) run(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := p.command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// Start starts the server again after Stop.
func (p *Postgres) Start(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p.server = p.command("postgres", "-D", p.data(), "-k", p.dir, "-c", "listen_addresses=", "-c", "max_connections=200")
	p.server.Stdout, p.server.Stderr = log, log
	p.server.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	if err := p.server.Start(); err != nil {
		t.Fatalf("start postgres: %v", err)
	}
	if err := p.answers(t); err != nil {
		text, _ := os.ReadFile(log.Name())
		t.Fatalf("start postgres: %v\n%s", err, text)
	}
}

// answers waits until the server lets somebody in.
func (p *Postgres) answers(t testing.TB) error {
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, p.address("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// Stop stops the server as a crash would, in the middle of whatever runs.
func (p *Postgres) Stop(t testing.TB) {
	t.Helper()
	if err := p.server.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Errorf("stop postgres: %v", err)
	}
	p.server.Wait() // its status says that it was told to
}

// Database makes an empty database and returns its address.
func (p *Postgres) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", p.serial.Add(1))
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return p.address(name)
}

func (p *Postgres) address(database string) string {
	return fmt.Sprintf("postgres://sohoa@/%s?host=%s", database, p.dir)
}
