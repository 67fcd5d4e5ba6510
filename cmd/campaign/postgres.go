package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresServer is a PostgreSQL server in a folder of its own, reached by a
// socket there. It writes to the disk as one in service does.
type postgresServer struct {
	bin, dir string
	cred     *syscall.Credential // who runs it; nil is ourselves

	mu  sync.Mutex
	cmd *exec.Cmd // guarded by mu
}

// newPostgres makes and starts a server with an empty database, in folder dir,
// whose name must be short enough for a socket in it.
func newPostgres(ctx context.Context, dir string) (*postgresServer, error) {
	p := &postgresServer{dir: dir}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		initdb, err := exec.LookPath("initdb")
		if err != nil {
			return nil, err
		}
		found = []string{initdb}
	}
	p.bin = filepath.Dir(slices.Max(found))
	// Whoever runs it has to reach it.
	if err := errors.Join(os.Mkdir(dir, 0o755), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		return nil, err
	}
	if err := p.becomePostgres(); err != nil {
		return nil, err
	}
	out, err := p.command("initdb", "--pgdata", p.data(), "--username=sohoa", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := p.start(ctx); err != nil {
		return nil, err
	}
	return p, p.exec(ctx, "postgres", "CREATE DATABASE campaign")
}

// becomePostgres makes the server run as the user postgres: it refuses to run
// as root.
func (p *postgresServer) becomePostgres() error {
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

func (p *postgresServer) data() string { return filepath.Join(p.dir, "data") }

func (p *postgresServer) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.cred, Setpgid: true, Pdeathsig: syscall.SIGQUIT}
	return cmd
}

// start starts the server, again after crash, and waits until it lets
// somebody in.
func (p *postgresServer) start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	p.cmd = p.command("postgres", "-D", p.data(), "-k", p.dir, "-c", "listen_addresses=", "-c", "max_connections=100")
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, p.address("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("start postgres: %w", err)
		}
	}
}

// crash stops the server in the middle of whatever runs.
func (p *postgresServer) crash() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd.Process.Signal(syscall.SIGQUIT)
	p.cmd.Wait() // its status says that it was told to
}

// cutOff ends every connection to the database.
func (p *postgresServer) cutOff(ctx context.Context) error {
	return p.exec(ctx, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'campaign'")
}

func (p *postgresServer) exec(ctx context.Context, database, sql string) error {
	conn, err := pgx.Connect(ctx, p.address(database))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

func (p *postgresServer) address(database string) string {
	return fmt.Sprintf("postgres://sohoa@/%s?host=%s", database, p.dir)
}

// close ends the server as an operator would.
func (p *postgresServer) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.cmd.Process.Signal(syscall.SIGINT)
	p.cmd.Wait() // its status says that it was told to
	return err
}
