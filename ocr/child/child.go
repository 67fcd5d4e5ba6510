// Package child runs work on foreign bytes in processes that may die.
//
// Image decoders, the recognition engine and the PDF renderer can crash, hang
// or eat memory on hostile input. They therefore run in child processes of
// our own binary: the parent keeps a Pool of them, hands each one request at
// a time, bounds its time and memory, and replaces a child that dies. The
// loss is one request, with a reason, and never the parent.
//
// A child is the same executable started with one argument, the role (see
// Run). It speaks frames over its standard input and output and exits when
// its standard input closes, so it cannot outlive its parent.
package child

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"sohoa"
)

// MaxFrame bounds one message between parent and child, in bytes.
const MaxFrame = sohoa.MaxUploadBytes + 1<<20

// The errors that the pool itself adds to those of the work.
var (
	ErrDied    = errors.New("child process died")
	ErrTimeout = errors.New("child process took too long and was killed")
)

// frameKind is the first byte of a frame.
type frameKind byte

const (
	frameRequest frameKind = 'Q' // parent to child: the request
	frameReply   frameKind = 'R' // child to parent: one reply of possibly several
	frameDone    frameKind = 'D' // child to parent: the request is finished
	frameError   frameKind = 'E' // child to parent: it failed; a sohoa.Problem
)

// errFrame is the refusal of a frame of n bytes.
func errFrame(n int) error { return fmt.Errorf("frame of %d bytes: %w", n, sohoa.ErrTooLarge) }

// writeFrame writes kind, the length in 4 bytes and the body, and flushes.
func writeFrame(w *bufio.Writer, kind frameKind, body []byte) error {
	if len(body) > MaxFrame {
		return errFrame(len(body))
	}
	var head [5]byte
	head[0] = byte(kind)
	binary.BigEndian.PutUint32(head[1:], uint32(len(body)))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return err
	}
	return w.Flush()
}

// readFrame is the inverse of writeFrame.
func readFrame(r io.Reader) (frameKind, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > MaxFrame {
		return 0, nil, errFrame(int(n))
	}
	body := make([]byte, n)
	_, err := io.ReadFull(r, body)
	return frameKind(head[0]), body, err
}

// problemFrame is the body of an error frame.
func problemFrame(err error) []byte {
	b, merr := json.Marshal(sohoa.AsProblem(err))
	if merr != nil {
		return []byte(`{"code":"internal"}`)
	}
	return b
}
