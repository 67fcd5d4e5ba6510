package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"sohoa"
)

// Config describes the children of a pool.
type Config struct {
	Role    string   // as given to Register
	Size    int      // how many children run at most; at least 1
	Env     []string // added to a minimal environment (PATH, HOME, TMPDIR, LANG)
	Recycle int      // requests after which a child is replaced; 0 is never
	Exe     string   // executable; empty is this one

	// CPU is how much processor time a child may take from one reply to the
	// next, to the second; beyond it the kernel ends the child (ErrDied). 0 is
	// no bound. It is for work that the parent cannot stop, because it was
	// stopped itself: Request.Idle is tighter wherever a processor is free.
	CPU time.Duration
}

// Pool hands requests to child processes. Children start when first needed.
// It is safe for concurrent use.
type Pool struct {
	cfg   Config
	slots chan *process // holds cfg.Size entries; nil where no child runs yet

	mu     sync.Mutex // guards closed
	closed bool
}

// Request is the work for one child.
type Request struct {
	Body []byte
	Idle time.Duration // the longest wait for the next reply or the end; 0 is no bound but ctx
}

// NewPool makes a pool; it starts no process yet.
func NewPool(cfg Config) (*Pool, error) {
	if cfg.Exe == "" {
		exe, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find own executable: %w", err)
		}
		cfg.Exe = exe
	}
	cfg.Size = max(cfg.Size, 1)
	p := &Pool{cfg: cfg, slots: make(chan *process, cfg.Size)}
	for range cfg.Size {
		p.slots <- nil
	}
	return p, nil
}

// Size is the number of requests that can be under way at once.
func (p *Pool) Size() int { return p.cfg.Size }

// Do waits for a free child, hands it the request and calls each for every
// reply, in order, on the calling goroutine; each must not keep the slice.
// It returns the *sohoa.Problem of the work, an error of each, ErrDied,
// ErrTimeout (no reply within Idle), or the error of ctx. In the last three
// cases, and when each fails, the child is killed. A request of more than
// MaxFrame bytes is ErrTooLarge.
func (p *Pool) Do(ctx context.Context, req Request, each func(reply []byte) error) error {
	if len(req.Body) > MaxFrame {
		return errFrame(len(req.Body))
	}
	var proc *process
	select {
	case proc = <-p.slots:
	case <-ctx.Done():
		return ctx.Err()
	}
	keep := false
	defer func() {
		if !keep && proc != nil {
			proc.kill()
			proc = nil
		}
		p.slots <- proc
	}()
	if p.isClosed() {
		return fmt.Errorf("child pool %s is closed: %w", p.cfg.Role, sohoa.ErrUnavailable)
	}
	if proc == nil {
		var err error
		if proc, err = p.start(); err != nil {
			return fmt.Errorf("start child %s: %w", p.cfg.Role, err)
		}
	}
	err := proc.do(ctx, req, each)
	var problem *remoteError
	keep = err == nil || errors.As(err, &problem)
	if problem != nil {
		err = problem.Problem
	}
	proc.served++
	if p.cfg.Recycle > 0 && proc.served >= p.cfg.Recycle {
		keep = false
	}
	return err
}

// Close kills the children that are idle and those that become so. Requests
// under way end with their own results.
func (p *Pool) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	p.mu.Unlock()
	for range p.cfg.Size {
		if proc := <-p.slots; proc != nil {
			proc.kill()
		}
	}
	for range p.cfg.Size {
		p.slots <- nil
	}
	return nil
}

func (p *Pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// process is one running child. It belongs to whoever took it from the slots.
type process struct {
	cmd    *exec.Cmd
	in     *bufio.Writer
	pipe   io.Closer
	frames chan frame // closed when standard output ends
	tail   *tail      // the end of its standard error
	served int
}

type frame struct {
	kind frameKind
	body []byte
}

// remoteError is a failure of the work; the child is sound.
type remoteError struct{ *sohoa.Problem }

func (p *Pool) start() (*process, error) {
	cmd := exec.Command(p.cfg.Exe, argument, p.cfg.Role)
	cmd.Env = append(baseEnv(), p.cfg.Env...)
	if p.cfg.CPU > 0 {
		cmd.Env = append(cmd.Env, envCPU+"="+p.cfg.CPU.String())
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr := &tail{}
	cmd.Stderr = stderr
	cmd.WaitDelay = time.Second // for standard error, should a grandchild hold it
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	proc := &process{cmd: cmd, in: bufio.NewWriterSize(stdin, 1<<16), pipe: stdin, frames: make(chan frame), tail: stderr}
	go proc.read(stdout)
	return proc, nil
}

// baseEnv is what a child may see of our environment: no secret settings.
func baseEnv() []string {
	env := []string{"MALLOC_ARENA_MAX=1"} // a thread that has memory of its own reserves 64 MB
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "XDG_CACHE_HOME", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// read passes frames on until standard output ends.
func (c *process) read(stdout io.Reader) {
	defer close(c.frames)
	r := bufio.NewReaderSize(stdout, 1<<16)
	for {
		kind, body, err := readFrame(r)
		if err != nil {
			return
		}
		c.frames <- frame{kind, body}
	}
}

// do sends the request and takes what comes back. It does not return without
// error before the request is written, because the next one uses the same
// writer.
func (c *process) do(ctx context.Context, req Request, each func([]byte) error) error {
	sent := make(chan error, 1)
	go func() { sent <- writeFrame(c.in, frameRequest, req.Body) }()
	timer := newIdleTimer(req.Idle)
	defer timer.stop()
	var result error
	frames := c.frames
	for sent != nil || frames != nil {
		select {
		case f, ok := <-frames:
			if !ok {
				return c.died()
			}
			done, err := c.handle(f, each)
			if err != nil && !done {
				return err
			}
			if done {
				result, frames = err, nil
			}
			timer.reset()
		case err := <-sent:
			if err != nil {
				return c.died()
			}
			sent = nil
		case <-timer.c:
			return ErrTimeout
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return result
}

// idleTimer fires when nothing happened for a while; of 0 it never does.
type idleTimer struct {
	after time.Duration
	timer *time.Timer
	c     <-chan time.Time
}

func newIdleTimer(after time.Duration) *idleTimer {
	if after <= 0 {
		return &idleTimer{}
	}
	t := time.NewTimer(after)
	return &idleTimer{after, t, t.C}
}

func (t *idleTimer) reset() {
	if t.timer != nil {
		t.timer.Reset(t.after)
	}
}

func (t *idleTimer) stop() {
	if t.timer != nil {
		t.timer.Stop()
	}
}

// handle acts on one frame and reports whether the request is finished.
func (c *process) handle(f frame, each func([]byte) error) (done bool, err error) {
	switch f.kind {
	case frameReply:
		return false, each(f.body)
	case frameDone:
		return true, nil
	case frameError:
		var problem sohoa.Problem
		if err := json.Unmarshal(f.body, &problem); err != nil {
			return true, fmt.Errorf("%w: unreadable answer", ErrDied)
		}
		return true, &remoteError{&problem}
	}
	return true, fmt.Errorf("%w: unknown answer %q", ErrDied, f.kind)
}

// died says why the child is gone, as far as it told.
func (c *process) died() error {
	c.kill()
	if s := c.tail.String(); s != "" {
		return fmt.Errorf("%w: %s: %s", ErrDied, c.cmd.ProcessState, s)
	}
	return fmt.Errorf("%w: %s", ErrDied, c.cmd.ProcessState)
}

// kill ends the process with its group and waits for it. It may be called
// more than once.
func (c *process) kill() {
	if c.cmd.ProcessState != nil {
		return
	}
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // fails only if it is gone already
	_ = c.pipe.Close()
	for range c.frames { // lets the reader end
	}
	_ = c.cmd.Wait() // its status is in ProcessState
}

// tail keeps the last bytes written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const tailBytes = 2048

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if len(t.b) > tailBytes {
		t.b = append([]byte(nil), t.b[len(t.b)-tailBytes:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}
