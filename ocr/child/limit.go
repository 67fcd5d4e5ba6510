package child

import (
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"time"
	"unsafe"

	"sohoa"
)

// limitSelf bounds what this process may take, for good.
//
// Address space: what an idle process has reserved (Go sets aside 1.6 GB that
// it never touches) and sohoa.MaxWorkerMemory more, so that this is what the
// work may use. No core dumps: they would hold people's papers.
func limitSelf() error {
	reserved, err := addressSpace()
	if err != nil {
		return err
	}
	if err := limit(syscall.RLIMIT_AS, reserved+sohoa.MaxWorkerMemory); err != nil {
		return fmt.Errorf("limit memory: %w", err)
	}
	if err := limit(syscall.RLIMIT_CORE, 0); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	debug.SetMemoryLimit(sohoa.MaxWorkerMemory / 4)
	return nil
}

func limit(resource int, n uint64) error {
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: n, Max: n})
}

// addressSpace is what this process has reserved so far, in bytes (proc(5),
// first field of statm, in pages).
func addressSpace() (uint64, error) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("measure address space: %w", err)
	}
	var pages uint64
	if _, err := fmt.Sscan(string(b), &pages); err != nil {
		return 0, fmt.Errorf("measure address space: %w", err)
	}
	return pages * uint64(os.Getpagesize()), nil
}

// envCPU tells a child its Config.CPU.
const envCPU = "SOHOA_CHILD_CPU"

// cpuLimit bounds the processor time of this process from one reply to the
// next; nil does not.
type cpuLimit struct {
	each time.Duration
	hard uint64 // what the soft limit may be raised to
}

func newCPULimit() (*cpuLimit, error) {
	s := os.Getenv(envCPU)
	if s == "" {
		return nil, nil
	}
	each, err := time.ParseDuration(s)
	if err != nil {
		return nil, fmt.Errorf("limit processor time: %w", err)
	}
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CPU, &lim); err != nil {
		return nil, fmt.Errorf("limit processor time: %w", err)
	}
	return &cpuLimit{each, lim.Max}, dieOf(syscall.SIGXCPU)
}

// dieOf gives a signal its default effect back, which is the end of the
// process. Go catches SIGXCPU and does nothing about it; a handler in Go would
// have to wait for the very work that is to be stopped.
func dieOf(s syscall.Signal) error {
	var none [4]uint64 // SIG_DFL, no flags, nothing masked: struct sigaction of sigaction(2)
	const maskBytes = 8
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&none)), 0, maskBytes, 0, 0)
	if errno != 0 {
		return fmt.Errorf("let %v end the process: %w", s, errno)
	}
	return nil
}

// renew moves the limit on. RLIMIT_CPU counts over the life of a process; but
// the soft limit, at which the kernel sends SIGXCPU, may be raised again as
// long as the hard limit is left alone.
func (l *cpuLimit) renew() error {
	if l == nil {
		return nil
	}
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return fmt.Errorf("measure processor time: %w", err)
	}
	spent := time.Duration(used.Utime.Nano() + used.Stime.Nano())
	soft := uint64((spent + l.each + time.Second - 1) / time.Second)
	if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: min(soft, l.hard), Max: l.hard}); err != nil {
		return fmt.Errorf("limit processor time: %w", err)
	}
	return nil
}
