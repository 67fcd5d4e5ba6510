package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage reads what processes use, from Linux.

// ticks are the units of CPU time in /proc, per second.
const ticks = 100

// stat is what /proc/PID/stat says.
type stat struct {
	parent int
	cpu    time.Duration // with that of children that ended
}

func readStat(pid int) (stat, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(f) < 15 {
		return stat{}, fmt.Errorf("/proc/%d/stat is short", pid)
	}
	var s stat
	if s.parent, err = strconv.Atoi(f[1]); err != nil {
		return stat{}, err
	}
	for _, field := range f[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.Atoi(field)
		if err != nil {
			return stat{}, err
		}
		s.cpu += time.Duration(n) * time.Second / ticks
	}
	return s, nil
}

// childrenOf are the processes whose parent is pid.
func childrenOf(pid int) ([]int, error) {
	names, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	var out []int
	for _, name := range names {
		n, err := strconv.Atoi(filepath.Base(name))
		if err != nil {
			return nil, err
		}
		if s, err := readStat(n); err == nil && s.parent == pid { // one that ended meanwhile is none
			out = append(out, n)
		}
	}
	return out, nil
}

// cpuTime is what this process and those that work for e have used.
func cpuTime(e engine) (time.Duration, error) {
	sum := ownTime(syscall.RUSAGE_SELF)
	pids, err := e.others()
	if err != nil {
		return 0, err
	}
	for _, pid := range pids {
		s, err := readStat(pid)
		if err != nil && !gone(err) {
			return 0, err
		}
		sum += s.cpu
	}
	return sum, nil
}

// gone says that a process ended.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
}

// rusageThread asks for the time of the calling thread.
const rusageThread = 1

// ownTime is the CPU time of this process, or of this thread.
func ownTime(who int) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		panic(err) // who is wrong
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// memory is what an engine holds, in bytes.
type memory struct {
	Resident  int64 `json:"resident"`  // with pages of files
	Anonymous int64 `json:"anonymous"` // of the process's own
	Heap      int64 `json:"heap,omitempty"`
}

// memoryOf adds up this process, or those that work for e instead if there
// are any.
func memoryOf(e engine) (memory, error) {
	var m memory
	pids, err := e.others()
	if err != nil {
		return m, err
	}
	if len(pids) == 0 {
		pids = []int{os.Getpid()}
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		m.Heap = int64(s.HeapInuse)
	}
	for _, pid := range pids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			if gone(err) {
				continue
			}
			return m, err
		}
		m.Anonymous += statusBytes(b, "RssAnon:")
		m.Resident += statusBytes(b, "RssAnon:") + statusBytes(b, "RssFile:") + statusBytes(b, "RssShmem:")
	}
	return m, nil
}

// statusBytes reads a line of /proc/PID/status, 0 if it is not there.
func statusBytes(status []byte, name string) int64 {
	_, rest, _ := bytes.Cut(status, []byte(name))
	f := strings.Fields(string(rest))
	if len(f) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(f[0], 10, 64)
	return n << 10
}

// evict asks the system to forget what it holds of the files below dir.
func evict(dir string) error {
	return filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		const dontNeed = 4 // POSIX_FADV_DONTNEED
		if _, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0); errno != 0 {
			return fmt.Errorf("evict %s: %w", name, errno)
		}
		return nil
	})
}
