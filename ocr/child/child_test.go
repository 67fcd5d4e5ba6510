package child_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sohoa"
	"sohoa/ocr/child"
)

func TestMain(m *testing.M) {
	child.Register("test", func() (child.Handler, error) { return obey, nil })
	child.Register("broken", func() (child.Handler, error) {
		return nil, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "ocr.model-missing", Args: []string{"vie"}}
	})
	child.Run()
	os.Exit(m.Run())
}

// obey is the handler of the children: the request is a word and an argument.
func obey(_ context.Context, request []byte, reply func([]byte) error) error {
	word, arg, _ := strings.Cut(string(request), " ")
	switch word {
	case "echo":
		return reply([]byte(arg))
	case "length":
		return reply([]byte(strconv.Itoa(len(request))))
	case "count":
		n, _ := strconv.Atoi(arg)
		for i := range n {
			if err := reply([]byte(strconv.Itoa(i))); err != nil {
				return err
			}
		}
		return nil
	case "fail":
		return fmt.Errorf("look at page: %w", &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.damaged", Detail: "half"})
	case "fail-plain":
		return fmt.Errorf("write: %w", sohoa.ErrUnavailable)
	case "pid":
		return reply([]byte(strconv.Itoa(os.Getpid())))
	case "print":
		fmt.Println(arg)
		return reply([]byte("printed"))
	case "env":
		return reply([]byte(strings.Join(os.Environ(), "\n")))
	case "panic":
		panic(arg)
	case "exit":
		fmt.Fprintln(os.Stderr, "last words")
		os.Exit(7)
	case "huge":
		b, err := syscall.Mmap(-1, 0, child.MaxFrame+1, syscall.PROT_READ, syscall.MAP_PRIVATE|syscall.MAP_ANON)
		if err != nil {
			return err
		}
		return reply(b)
	case "spin":
		if err := reply([]byte("spinning")); err != nil {
			return err
		}
		for start := time.Now(); time.Since(start) < time.Hour; {
		}
		return nil
	case "spend":
		for start := processorTime(); processorTime() < start+700*time.Millisecond; {
		}
		return reply([]byte("spent"))
	case "map":
		n, _ := strconv.Atoi(arg)
		b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
		if err != nil {
			return fmt.Errorf("map: %w", sohoa.ErrTooLarge)
		}
		return syscall.Munmap(b)
	case "family":
		c := exec.Command("sleep", "600")
		if err := c.Start(); err != nil {
			return err
		}
		_ = reply([]byte(strconv.Itoa(c.Process.Pid)))
		select {}
	case "hang":
		_ = reply([]byte(strconv.Itoa(os.Getpid())))
		select {}
	}
	return fmt.Errorf("no such word %q", word)
}

func newPool(t *testing.T, cfg child.Config) *child.Pool {
	t.Helper()
	if cfg.Role == "" {
		cfg.Role = "test"
	}
	p, err := child.NewPool(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// ask returns the replies to a request.
func ask(p *child.Pool, req child.Request) ([]string, error) {
	var replies []string
	err := p.Do(context.Background(), req, func(b []byte) error {
		replies = append(replies, string(b))
		return nil
	})
	return replies, err
}

// wantAlive asks for an echo, which only a sound slot gives.
func wantAlive(t *testing.T, p *child.Pool) {
	t.Helper()
	got, err := ask(p, child.Request{Body: []byte("echo again"), Idle: 10 * time.Second})
	if err != nil || !slices.Equal(got, []string{"again"}) {
		t.Errorf("next request = %q, %v, want again", got, err)
	}
}

func TestReplies(t *testing.T) {
	p := newPool(t, child.Config{})
	tests := []struct {
		name, body string
		want       []string
	}{
		{"one", "echo xin chào", []string{"xin chào"}},
		{"empty", "echo ", []string{""}},
		{"none", "count 0", nil},
		{"several in order", "count 5", []string{"0", "1", "2", "3", "4"}},
		{"what a library prints is no frame", "print R\x00\x00\x00\x01x", []string{"printed"}},
		{"large request", "length " + strings.Repeat("x", 5<<20), []string{strconv.Itoa(5<<20 + 7)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ask(p, child.Request{Body: []byte(tt.body)})
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Do = %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestFailureOfTheWork(t *testing.T) {
	p := newPool(t, child.Config{})
	before, _ := ask(p, child.Request{Body: []byte("pid")})
	_, err := ask(p, child.Request{Body: []byte("fail")})
	var problem *sohoa.Problem
	if !errors.As(err, &problem) || problem.Code != "image.damaged" || problem.Detail != "half" {
		t.Errorf("Do = %v, want the Problem image.damaged", err)
	}
	if !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("Do = %v, want kind %v", err, sohoa.ErrInvalid)
	}
	if _, err := ask(p, child.Request{Body: []byte("fail-plain")}); !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Do = %v, want kind %v", err, sohoa.ErrUnavailable)
	}
	after, _ := ask(p, child.Request{Body: []byte("pid")})
	if len(before) != 1 || !slices.Equal(before, after) {
		t.Errorf("child = %v, later %v, want the same: failed work does not cost the process", before, after)
	}
}

func TestChildDies(t *testing.T) {
	tests := []struct{ name, body, says string }{
		{"panics", "panic oh no", "oh no"},
		{"exits", "exit", "last words"},
	}
	p := newPool(t, child.Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ask(p, child.Request{Body: []byte(tt.body), Idle: time.Minute})
			if !errors.Is(err, child.ErrDied) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Do = %v, want %v that says %q", err, child.ErrDied, tt.says)
			}
			wantAlive(t, p)
		})
	}
}

// TestKilled kills a child in the middle of its work.
func TestKilled(t *testing.T) {
	p := newPool(t, child.Config{})
	err := p.Do(context.Background(), child.Request{Body: []byte("hang"), Idle: time.Minute}, func(pid []byte) error {
		n, err := strconv.Atoi(string(pid))
		if err != nil {
			return err
		}
		return syscall.Kill(n, syscall.SIGKILL)
	})
	if !errors.Is(err, child.ErrDied) {
		t.Errorf("Do = %v, want %v", err, child.ErrDied)
	}
	wantAlive(t, p)
}

func TestHang(t *testing.T) {
	p := newPool(t, child.Config{})
	got, err := ask(p, child.Request{Body: []byte("hang"), Idle: 300 * time.Millisecond})
	if !errors.Is(err, child.ErrTimeout) {
		t.Fatalf("Do = %v, want %v", err, child.ErrTimeout)
	}
	wantGone(t, got)
	wantAlive(t, p)
}

// wantGone checks that the process whose pid was replied is no more.
// TestGroupIsKilled hangs a child that has started a process of its own.
func TestGroupIsKilled(t *testing.T) {
	p := newPool(t, child.Config{})
	pid, err := ask(p, child.Request{Body: []byte("family"), Idle: 300 * time.Millisecond})
	if !errors.Is(err, child.ErrTimeout) || len(pid) != 1 {
		t.Fatalf("Do = %q, %v, want %v", pid, err, child.ErrTimeout)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 2000 { // it belongs to nobody now, who would tell of its end
		stat, err := os.ReadFile("/proc/" + pid[0] + "/stat")
		if errors.Is(err, os.ErrNotExist) || strings.Contains(string(stat), ") Z ") {
			wantAlive(t, p)
			return
		}
		<-tick.C
	}
	t.Errorf("process %s that the child started is still there", pid[0])
}

func wantGone(t *testing.T, pid []string) {
	t.Helper()
	if len(pid) != 1 {
		t.Fatalf("replies = %q, want one pid", pid)
	}
	n, err := strconv.Atoi(pid[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(n, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("child %d is still there: %v", n, err)
	}
}

// TestIdleIsBetweenReplies gives a bound that each reply keeps and all
// together may not.
func TestIdleIsBetweenReplies(t *testing.T) {
	p := newPool(t, child.Config{})
	n := 0
	err := p.Do(context.Background(), child.Request{Body: []byte("count 1000"), Idle: 5 * time.Second}, func([]byte) error {
		n++
		return nil
	})
	if n != 1000 || err != nil {
		t.Errorf("Do = %d replies, %v, want 1000", n, err)
	}
}

func TestContext(t *testing.T) {
	p := newPool(t, child.Config{})
	ctx, cancel := context.WithCancel(context.Background())
	var pid []string
	err := p.Do(ctx, child.Request{Body: []byte("hang")}, func(b []byte) error {
		pid = append(pid, string(b))
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Do = %v, want %v", err, context.Canceled)
	}
	wantGone(t, pid)
	wantAlive(t, p)
}

// TestContextWhileWaiting cancels a request that waits for the only child.
func TestContextWhileWaiting(t *testing.T) {
	p := newPool(t, child.Config{})
	err := p.Do(context.Background(), child.Request{Body: []byte("echo x")}, func([]byte) error {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := p.Do(ctx, child.Request{Body: []byte("echo y")}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("Do while the child is taken = %v, want %v", err, context.Canceled)
		}
		return nil
	})
	if err != nil {
		t.Errorf("Do = %v", err)
	}
}

func TestEachFails(t *testing.T) {
	p := newPool(t, child.Config{})
	stop := errors.New("disk full")
	if err := p.Do(context.Background(), child.Request{Body: []byte("count 9")}, func([]byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Do = %v, want %v", err, stop)
	}
	wantAlive(t, p)
}

func TestHugeFrames(t *testing.T) {
	p := newPool(t, child.Config{})
	if _, err := ask(p, child.Request{Body: make([]byte, child.MaxFrame+1)}); !errors.Is(err, sohoa.ErrTooLarge) {
		t.Errorf("Do with a huge request = %v, want %v", err, sohoa.ErrTooLarge)
	}
	wantAlive(t, p)
	if _, err := ask(p, child.Request{Body: []byte("huge")}); !errors.Is(err, sohoa.ErrTooLarge) {
		t.Errorf("Do with a huge reply = %v, want %v", err, sohoa.ErrTooLarge)
	}
	wantAlive(t, p)
}

func TestStartFails(t *testing.T) {
	_, err := ask(newPool(t, child.Config{Role: "broken"}), child.Request{Body: []byte("echo x")})
	var problem *sohoa.Problem
	if !errors.As(err, &problem) || problem.Code != "ocr.model-missing" {
		t.Errorf("Do = %v, want the Problem of starting", err)
	}
	_, err = ask(newPool(t, child.Config{Role: "unheard-of"}), child.Request{Body: []byte("echo x")})
	if !errors.Is(err, child.ErrDied) || !strings.Contains(err.Error(), "unheard-of") {
		t.Errorf("Do with an unknown role = %v, want %v that names it", err, child.ErrDied)
	}
	if _, err = ask(newPool(t, child.Config{Exe: "/nonexistent"}), child.Request{}); err == nil {
		t.Error("Do with no executable succeeded")
	}
}

// processorTime is that of this process.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestProcessorTime lets a child spin, to which the parent sets no bound.
func TestProcessorTime(t *testing.T) {
	p := newPool(t, child.Config{CPU: time.Second})
	_, err := ask(p, child.Request{Body: []byte("spin"), Idle: time.Minute})
	if !errors.Is(err, child.ErrDied) || !strings.Contains(err.Error(), "time limit") {
		t.Errorf("Do = %.200v, want %v of SIGXCPU", err, child.ErrDied)
	}
	wantAlive(t, p)
}

// TestProcessorTimeIsBetweenReplies spends less in each request than the
// bound, and more in all.
func TestProcessorTimeIsBetweenReplies(t *testing.T) {
	p := newPool(t, child.Config{CPU: time.Second})
	for i := range 4 {
		if got, err := ask(p, child.Request{Body: []byte("spend")}); err != nil || !slices.Equal(got, []string{"spent"}) {
			t.Fatalf("request %d = %q, %v, want it to be served", i, got, err)
		}
	}
}

func TestMemory(t *testing.T) {
	p := newPool(t, child.Config{})
	if _, err := ask(p, child.Request{Body: fmt.Appendf(nil, "map %d", sohoa.MaxWorkerMemory*9/10)}); err != nil {
		t.Errorf("nine tenths of the bound: %v", err)
	}
	if _, err := ask(p, child.Request{Body: fmt.Appendf(nil, "map %d", sohoa.MaxWorkerMemory*11/10)}); !errors.Is(err, sohoa.ErrTooLarge) {
		t.Errorf("more than the bound: %v, want %v", err, sohoa.ErrTooLarge)
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("SOHOA_KEY_PASSWORD", "secret")
	got, err := ask(newPool(t, child.Config{Env: []string{"SETTING=1"}}), child.Request{Body: []byte("env")})
	if err != nil || len(got) != 1 {
		t.Fatalf("Do = %q, %v", got, err)
	}
	if strings.Contains(got[0], "secret") || !strings.Contains(got[0], "SETTING=1") {
		t.Errorf("environment = %q, want SETTING and nothing of ours", got[0])
	}
}

func TestRecycle(t *testing.T) {
	p := newPool(t, child.Config{Recycle: 2})
	var pids []string
	for range 4 {
		got, err := ask(p, child.Request{Body: []byte("pid")})
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, got...)
	}
	if pids[0] != pids[1] || pids[1] == pids[2] || pids[2] != pids[3] {
		t.Errorf("children = %v, want a new one after two requests", pids)
	}
}

func TestConcurrentRequests(t *testing.T) {
	p := newPool(t, child.Config{Size: 2})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			want := strings.Repeat(strconv.Itoa(i), 1000)
			if got, err := ask(p, child.Request{Body: []byte("echo " + want)}); err != nil || !slices.Equal(got, []string{want}) {
				t.Errorf("request %d = %.20q, %v", i, got, err)
			}
		})
	}
	wg.Wait()
}

func TestClose(t *testing.T) {
	p := newPool(t, child.Config{Size: 2})
	pid, err := ask(p, child.Request{Body: []byte("pid")})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Errorf("Close = %v", err)
	}
	wantGone(t, pid)
	if _, err := ask(p, child.Request{Body: []byte("echo x")}); !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Do after Close = %v, want %v", err, sohoa.ErrUnavailable)
	}
}

// TestRequestsDoNotMix sends many small requests through one child, whose
// answers come back while the request may still be being written.
func TestRequestsDoNotMix(t *testing.T) {
	p := newPool(t, child.Config{})
	for i := range 500 {
		body := bytes.Repeat([]byte{byte('a' + i%26)}, i)
		if got, err := ask(p, child.Request{Body: append([]byte("echo "), body...)}); err != nil || len(got) != 1 || got[0] != string(body) {
			t.Fatalf("request %d = %q, %v, want %q", i, got, err, body)
		}
	}
}
