package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// aloneVariable says which of the three processes of alone this one is.
const aloneVariable = "SOHOA_CAMPAIGN_PROCESS"

// alone calls f in mount and process name spaces of its own, if this is root:
// the kernel unmounts and kills what is left in them when their first process
// ends. That first process is a copy of this one, which collects orphans and
// starts another copy, which calls f. Without root f is called here.
func alone(f func() int) (status int, err error) {
	switch {
	case os.Getenv(aloneVariable) == "first":
		return first()
	case os.Getenv(aloneVariable) == "campaign" || os.Getuid() != 0:
		return f(), nil
	}
	cmd := again("first")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL,
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("make name spaces: %w", err)
	}
	forward(cmd.Process)
	return statusOf(cmd.Wait())
}

// again is this program with the same arguments.
func again(as string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Env = append(os.Environ(), aloneVariable+"="+as)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

// forward passes signals on that ask to end. Those of a terminal come to
// every process by themselves.
func forward(p *os.Process) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for s := range signals {
			if s == syscall.SIGTERM {
				p.Signal(s)
			}
		}
	}()
}

// first is the first process of the name spaces.
func first() (status int, err error) {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return 0, fmt.Errorf("make mounts private: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return 0, fmt.Errorf("mount /proc: %w", err)
	}
	cmd := again("campaign")
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	forward(cmd.Process)
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if pid == cmd.Process.Pid {
			return ws.ExitStatus(), nil
		}
	}
}

// statusOf is the exit status of a process that ended.
func statusOf(err error) (int, error) {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}
