package child

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Handler does the work of one request inside the child. It may call reply
// any number of times; an error ends the request, and reaches the parent as a
// *sohoa.Problem. Handler is called for one request at a time, so what it
// holds (a loaded model) needs no lock.
type Handler func(ctx context.Context, request []byte, reply func([]byte) error) error

// roles are the handlers that this binary offers, by name.
var roles = map[string]func() (Handler, error){}

// Register offers a role to Run. start is called once in each child, before
// its first request. Call it from an init function or before Run.
func Register(role string, start func() (Handler, error)) { roles[role] = start }

// Run makes this process a child and does not return, if its only arguments
// ask for that; otherwise it does nothing. Call it first in main, and in
// TestMain of packages that use a Pool.
func Run() {
	if len(os.Args) != 3 || os.Args[1] != argument {
		return
	}
	start, ok := roles[os.Args[2]]
	if !ok {
		fmt.Fprintf(os.Stderr, "no child role %q\n", os.Args[2])
		os.Exit(2)
	}
	if err := serve(start); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// argument marks the command line of a child.
const argument = "child-process"

// serve answers requests until standard input ends. A reader of its own
// watches standard input, so that the process ends at once when the parent
// is gone, even while the handler is inside C code.
func serve(start func() (Handler, error)) error {
	// Frames get the real standard output; whatever a C library prints goes
	// to standard error instead.
	out, err := syscall.Dup(1)
	if err != nil {
		return err
	}
	if err := syscall.Dup2(2, 1); err != nil {
		return err
	}
	w := bufio.NewWriterSize(os.NewFile(uintptr(out), "frames"), 1<<16)

	if err := limitSelf(); err != nil {
		return err
	}
	cpu, err := newCPULimit()
	if err != nil {
		return err
	}
	h, startErr := start()
	requests := make(chan []byte)
	go func() {
		r := bufio.NewReaderSize(os.Stdin, 1<<16)
		for {
			kind, body, err := readFrame(r)
			if err != nil || kind != frameRequest {
				os.Exit(0)
			}
			requests <- body
		}
	}()
	for body := range requests {
		if err := cpu.renew(); err != nil {
			return err
		}
		if startErr != nil {
			err = startErr
		} else {
			err = h(context.Background(), body, func(b []byte) error {
				return errors.Join(writeFrame(w, frameReply, b), cpu.renew())
			})
		}
		if err != nil {
			err = writeFrame(w, frameError, problemFrame(err))
		} else {
			err = writeFrame(w, frameDone, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
