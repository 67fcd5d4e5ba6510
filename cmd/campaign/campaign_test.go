package main

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestShortCampaign runs the whole program with some dozens of faults. Its
// seed is in SOHOA_SEED, or new. The server is built as it is, which takes no
// time after the other tests; TestClockMoves has the moved clock.
func TestShortCampaign(t *testing.T) {
	if os.Getenv("SOHOA_CAMPAIGN") == "" {
		t.Skip("it needs the machine for itself: ./check runs it after the other tests, with SOHOA_CAMPAIGN set")
	}
	seed := os.Getenv("SOHOA_SEED")
	if seed == "" {
		seed = strconv.FormatUint(rand.Uint64(), 10)
	}
	exe := filepath.Join(t.TempDir(), "campaign")
	if out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), exe, "--seed", seed, "--faults", "40", "--every", "20", "--pace", "400ms", "--no-clock")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("campaign --seed %s: %v", seed, err)
	}
	for _, want := range []string{"40 faults", "check after   20:", "check after   40:"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the report has no %q", want)
		}
	}
}

const tellsTime = `package main

import (
	"bufio"
	"fmt"
	"os"
	"time"
)

func main() {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Println(time.Now().UnixNano())
	}
}
`

// TestClockMoves builds a program with the moved clock and has it tell the
// time before and after a jump.
func TestClockMoves(t *testing.T) {
	dir := t.TempDir()
	source, exe, file := filepath.Join(dir, "main.go"), filepath.Join(dir, "tells"), filepath.Join(dir, "clock")
	overlay, err := withClock(t.Context(), dir)
	if err := errors.Join(err, os.WriteFile(source, []byte(tellsTime), 0o600)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", exe, source).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	c, err := newClock(file)
	if err != nil {
		t.Fatal(err)
	}
	ask := teller(t, exe, file)
	c.pass(2 * time.Hour)
	for _, ahead := range []time.Duration{0, 72 * time.Hour, -45 * time.Minute, 0} {
		c.jump(ahead)
		before := time.Now().Add(2*time.Hour + ahead)
		if got := ask(); got.Before(before) || got.After(before.Add(time.Minute)) {
			t.Errorf("with the clock %v wrong the program says %v, want %v", ahead, got, before)
		}
	}
}

// teller starts a program that tells the time when it is asked.
func teller(t *testing.T, exe, clock string) (ask func() time.Time) {
	t.Helper()
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), clockVariable+"="+clock)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return func() time.Time {
		t.Helper()
		if _, err := in.Write([]byte("\n")); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 64)
		n, err := out.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		ns, err := strconv.ParseInt(strings.TrimSpace(string(b[:n])), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return time.Unix(0, ns)
	}
}
