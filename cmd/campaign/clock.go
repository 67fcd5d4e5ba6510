package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// The clock of the server can be moved while it runs, by nanoseconds in a
// file of eight bytes that it maps. For that its program is built against a
// standard library in which time.Now, and the system call by which SQLite asks
// for the time, add that number. Timers and durations follow the monotonic
// clock and are not touched, as on a machine whose clock is set. The program's
// own source is compiled as it is.

// clockVariable names the file to a program that was built with withClock.
const clockVariable = "SOHOA_CAMPAIGN_CLOCK"

// clock is what a server takes for the time: that of the world, as far as the
// campaign has moved it, and how wrong the server's clock is beside.
type clock struct {
	shared *int64       // nanoseconds that the server adds
	base   atomic.Int64 // of that, what the world is ahead of this machine
}

// newClock makes the file name and maps it.
func newClock(name string) (*clock, error) {
	if err := os.WriteFile(name, binary.NativeEndian.AppendUint64(nil, 0), 0o600); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := syscall.Mmap(int(f.Fd()), 0, 8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", name, err)
	}
	return &clock{shared: (*int64)(unsafe.Pointer(&b[0]))}, nil
}

// Now is the time of the world.
func (c *clock) Now() time.Time { return time.Now().Add(time.Duration(c.base.Load())) }

// pass lets time pass for everybody.
func (c *clock) pass(d time.Duration) {
	c.base.Add(int64(d))
	atomic.AddInt64(c.shared, int64(d))
}

// jump makes the server's clock wrong by d.
func (c *clock) jump(d time.Duration) { atomic.StoreInt64(c.shared, c.base.Load()+int64(d)) }

// patches are what withClock changes in the standard library: by file, a text
// that stands there and what takes its place.
var patches = map[string][2]string{
	"time/time.go": {
		"\tsec, nsec, mono := runtimeNow()\n\tif mono == 0 {",
		"\tsec, nsec, mono := runtimeNow()\n\tsec, nsec = campaignMoved(sec, nsec)\n\tif mono == 0 {",
	},
	"syscall/syscall_linux.go": {
		"\tr1, r2, err = RawSyscall6(trap, a1, a2, a3, 0, 0, 0)\n\truntime_exitsyscall()\n",
		"\tr1, r2, err = RawSyscall6(trap, a1, a2, a3, 0, 0, 0)\n\truntime_exitsyscall()\n" +
			"\tif trap == SYS_CLOCK_GETTIME && a1 == 0 && err == 0 && CampaignClock != nil {\n" +
			"\t\t(*Timespec)(unsafe.Pointer(a2)).Sec += *CampaignClock / 1e9\n\t}\n",
	},
}

// additions are files that withClock adds to the standard library.
var additions = map[string]string{
	"syscall/campaign.go": `package syscall

// CampaignClock is what the wall clock is ahead, in nanoseconds.
var CampaignClock *int64
`,
	"time/campaign.go": `package time

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

func init() {
	name, ok := syscall.Getenv("` + clockVariable + `")
	if !ok {
		return
	}
	fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	b, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	syscall.Close(fd)
	syscall.CampaignClock = (*int64)(unsafe.Pointer(&b[0]))
}

func campaignMoved(sec int64, nsec int32) (int64, int32) {
	if syscall.CampaignClock == nil {
		return sec, nsec
	}
	n := sec*1e9 + int64(nsec) + atomic.LoadInt64(syscall.CampaignClock)
	return n / 1e9, int32(n % 1e9)
}
`,
}

// withClock writes what "go build -overlay" needs into dir, and returns the
// file to name there. It fails where the standard library is not as expected.
func withClock(ctx context.Context, dir string) (overlay string, err error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	src := filepath.Join(strings.TrimSpace(string(root)), "src")
	replace := map[string]string{}
	put := func(name, text string) error {
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		replace[filepath.Join(src, name)] = file
		return os.WriteFile(file, []byte(text), 0o600)
	}
	for name, text := range additions {
		if err := put(name, text); err != nil {
			return "", err
		}
	}
	for name, change := range patches {
		b, err := os.ReadFile(filepath.Join(src, name))
		if err != nil {
			return "", err
		}
		if strings.Count(string(b), change[0]) != 1 {
			return "", fmt.Errorf("%s of this Go is not as the moved clock expects it", name)
		}
		if err := put(name, strings.Replace(string(b), change[0], change[1], 1)); err != nil {
			return "", err
		}
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, b, 0o600)
}

// build compiles the server's program to file out.
func build(ctx context.Context, out string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"build"}, args...), "-o", out, "sohoa/cmd/sohoa")...)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, text)
	}
	return nil
}
