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

// Postgres is a PostgreSQL server that writes to the disk as one in service
// does. Database, Start and Stop are for tests; a program without testing.T
// uses NewPostgres, Create, Up and Down.
type Postgres struct {
	bin, dir string
	cred     *syscall.Credential // who runs it; nil is ourselves
	server   *exec.Cmd
	serial   atomic.Int32 // of databases
}

// StartPostgres starts a PostgreSQL server in a folder of its own, reached by
// a socket there, until the test ends. The programs are looked for in PATH and
// where Debian has them; without them the test is skipped, or fails where CI
// is set.
func StartPostgres(t testing.TB) *Postgres {
	t.Helper()
	if _, err := postgresBin(); err != nil {
		Program(t, "initdb") // skips or fails
	}
	// Socket paths are short; t.TempDir is not, and closed to other users.
	dir, err := os.MkdirTemp("", "sohoa-pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p, err := NewPostgres(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(t) })
	return p
}

// NewPostgres starts a server in the folder dir, which is empty or that of one
// before, and whose name is short enough for a socket in it. As root that runs
// as the user postgres, who has to reach dir and gets it.
func NewPostgres(ctx context.Context, dir string) (*Postgres, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	p := &Postgres{bin: bin, dir: dir}
	if err := p.becomePostgres(); err != nil {
		return nil, err
	}
	if _, err := os.Stat(p.data()); err == nil {
		return p, p.Up(ctx)
	}
	out, err := p.command("initdb", "--pgdata", p.data(), "--username=sohoa", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return p, p.Up(ctx)
}

func postgresBin() (string, error) {
	path, err := exec.LookPath("initdb")
	if err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // fails for a bad pattern only
	if len(found) == 0 {
		return "", err
	}
	return filepath.Dir(slices.Max(found)), nil
}

// becomePostgres makes the server run as the user postgres: it refuses to run
// as root.
func (p *Postgres) becomePostgres() error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	p.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(p.dir, uid, gid)
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

func (p *Postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.cred}
	return cmd
}

// Start is Up for a test.
func (p *Postgres) Start(t testing.TB) {
	t.Helper()
	if err := p.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Up starts the server, again after Down, and waits until it lets somebody in.
func (p *Postgres) Up(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	p.server = p.command("postgres", "-D", p.data(), "-k", p.dir, "-c", "listen_addresses=", "-c", "max_connections=200")
	p.server.Stdout, p.server.Stderr = log, log
	p.server.SysProcAttr.Setpgid = true // the Ctrl-C of a terminal is for whoever stops it
	p.server.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	if err := p.server.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	if err := p.answers(ctx); err != nil {
		text, _ := os.ReadFile(log.Name())
		return fmt.Errorf("start postgres: %w\n%s", err, text)
	}
	return nil
}

// answers waits until the server lets somebody in.
func (p *Postgres) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, p.Address("postgres"))
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

// Stop is Down for a test.
func (p *Postgres) Stop(t testing.TB) {
	t.Helper()
	if err := p.Down(); err != nil {
		t.Error(err)
	}
}

// Down stops the server as a crash would, in the middle of whatever runs.
func (p *Postgres) Down() error {
	if err := p.server.Process.Signal(syscall.SIGQUIT); err != nil {
		return fmt.Errorf("stop postgres: %w", err)
	}
	p.server.Wait() // its status says that it was told to
	return nil
}

// Database makes an empty database and returns its address.
func (p *Postgres) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", p.serial.Add(1))
	if err := p.Create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return p.Address(name)
}

// Create makes an empty database.
func (p *Postgres) Create(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.Address("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "CREATE DATABASE "+name)
	return err
}

// Address is that of a database.
func (p *Postgres) Address(database string) string {
	return fmt.Sprintf("postgres://sohoa@/%s?host=%s", database, p.dir)
}
