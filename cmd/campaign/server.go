package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// server is `sohoa serve` under a supervisor that starts it again when it
// ends, as an office's would.
type server struct {
	program string
	args    []string
	env     []string
	log     *os.File

	mu      sync.Mutex
	cmd     *exec.Cmd     // that runs; nil if none does
	ended   chan struct{} // closed when cmd has ended
	ready   bool          // cmd has said that it answers
	paused  int           // by how many it is not to be started again
	killed  bool          // cmd was ended by the campaign
	changed chan struct{} // closed at every change of these, and replaced

	starts   int           // guarded by mu
	byItself int           // ends that nobody asked for; guarded by mu
	slowest  time.Duration // from start to answer; guarded by mu
	stop     context.CancelFunc
	done     chan struct{}
	fatal    []string // what it said that it must never say; guarded by mu
}

// restartPause is between the end of a server and the next start.
const restartPause = 100 * time.Millisecond

// supervise starts a server and keeps it running until close.
func supervise(program string, args, env []string, log *os.File) *server {
	ctx, stop := context.WithCancel(context.Background())
	s := &server{program: program, args: args, env: env, log: log, changed: make(chan struct{}), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for ctx.Err() == nil {
			s.live(ctx)
			select {
			case <-time.After(restartPause):
			case <-ctx.Done():
			}
		}
	}()
	return s
}

// live runs the server once.
func (s *server) live(ctx context.Context) {
	s.mu.Lock()
	if s.paused > 0 {
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		return
	}
	cmd := exec.Command(s.program, s.args...)
	cmd.Env = s.env
	cmd.Stdout = s.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.mu.Unlock()
		fmt.Fprintln(s.log, "campaign: start:", err)
		return
	}
	s.cmd, s.ended, s.ready, s.killed = cmd, make(chan struct{}), false, false
	s.starts++
	s.tell()
	s.mu.Unlock()
	s.listen(out, time.Now())
	err = cmd.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.killed {
		s.byItself++
		fmt.Fprintf(s.log, "campaign: the server ended by itself: %v\n", err)
	}
	s.cmd, s.ready = nil, false
	close(s.ended)
	s.tell()
}

// tell wakes those who wait for a change; the caller has mu.
func (s *server) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// unsaid is what a server never says, whatever happens to it.
var unsaid = []string{"panic:", "fatal error:", "handler panicked", "DATA RACE"}

// listen takes in what the server says.
func (s *server) listen(out io.Reader, started time.Time) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fmt.Fprintf(s.log, "%s %s\n", time.Now().UTC().Format("15:04:05.000"), lines.Text())
		s.mu.Lock()
		if strings.HasPrefix(lines.Text(), "Open ") {
			s.ready = true
			s.slowest = max(s.slowest, time.Since(started))
			s.tell()
		}
		for _, u := range unsaid {
			if strings.Contains(lines.Text(), u) {
				s.fatal = append(s.fatal, lines.Text())
			}
		}
		s.mu.Unlock()
	}
}

// until waits until ok holds, which is called with mu held.
func (s *server) until(ctx context.Context, ok func() bool) error {
	for {
		s.mu.Lock()
		changed, good := s.changed, ok()
		s.mu.Unlock()
		if good {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// kill ends the server at once, if it runs.
func (s *server) kill() {
	s.mu.Lock()
	cmd, ended := s.cmd, s.ended
	s.killed = true
	s.mu.Unlock()
	if cmd != nil {
		cmd.Process.Kill() // fails if it has ended, which is as well
		<-ended
	}
}

// pause keeps a server that ended from being started again, until as many
// have said resume.
func (s *server) pause() { s.hold(1) }

func (s *server) resume() { s.hold(-1) }

func (s *server) hold(by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused += by
	s.tell()
}

// stopTime bounds how long a server takes to end when asked to.
const stopTime = time.Minute

// halt ends the server as an operator would, and keeps it so until start. A server that does not end well is a violation.
func (s *server) halt() error {
	s.pause()
	s.mu.Lock()
	cmd, ended, ready := s.cmd, s.ended, s.ready
	s.killed = true
	s.mu.Unlock()
	if cmd == nil {
		return nil
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-ended:
	case <-time.After(stopTime):
		cmd.Process.Signal(syscall.SIGQUIT) // it writes where it hangs
		<-ended
		return violated("the server did not end within %v after SIGTERM", stopTime)
	}
	if code := cmd.ProcessState.ExitCode(); code != 0 && ready {
		return violated("the server ended with status %d after SIGTERM", code)
	}
	return nil
}

// start lets the server run after halt and waits until it answers.
func (s *server) start(ctx context.Context) error {
	s.resume()
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := s.until(ctx, func() bool { return s.ready }); err != nil {
		return violated("the server does not answer %v after its start", startTime)
	}
	return nil
}

// startTime bounds how long a server takes until it answers when nothing is
// wrong any more.
const startTime = 3 * time.Minute

// pid is the process that runs, 0 if none does.
func (s *server) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// children are the processes that the server started, by what they do.
func (s *server) children() map[int]string {
	found := map[int]string{}
	pid := s.pid()
	if pid == 0 {
		return found
	}
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return found
	}
	for _, t := range tasks {
		b, err := os.ReadFile(t)
		if err != nil {
			continue
		}
		for f := range strings.FieldsSeq(string(b)) {
			if n, err := strconv.Atoi(f); err == nil {
				cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", n))
				parts := strings.Split(strings.TrimRight(string(cmdline), "\x00"), "\x00")
				found[n] = parts[len(parts)-1]
			}
		}
	}
	return found
}

// memory is what the server has in memory, in bytes; 0 if it does not run.
func (s *server) memory() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid()))
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(l, "VmRSS:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

// close ends the server for good.
func (s *server) close() {
	s.stop()
	s.pause()
	s.kill()
	<-s.done
}
