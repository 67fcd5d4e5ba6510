package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sohoa"
	"sohoa/signing/testca"
)

// TestScripts runs the command lines in testdata/script. Beside the commands
// of testscript they have those of scriptCommands.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("..", "..", "testdata", "script"),
		Cmds:  scriptCommands,
		Setup: setUpScript,
	})
}

// setUpScript gives a script a data folder, English, and the samples.
func setUpScript(env *testscript.Env) error {
	data := filepath.Join(env.WorkDir, "data")
	env.Setenv("SOHOA_DATA", data)
	env.Setenv("SOHOA_LANG", "en")
	env.Setenv("USER", "lan")
	env.Setenv("SCANS", samples)
	env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, "cache"))
	return errors.Join(os.MkdirAll(compiled, 0o755), os.MkdirAll(data, 0o700),
		os.Symlink(compiled, filepath.Join(data, cacheDir)))
}

var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	// status N COMMAND...: the command ends with exactly this exit status.
	"status": func(ts *testscript.TestScript, neg bool, args []string) {
		want, err := strconv.Atoi(args[0])
		ts.Check(err)
		err = ts.Exec(args[1], args[2:]...)
		got := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			got = exit.ExitCode()
		} else {
			ts.Check(err)
		}
		if got != want {
			ts.Fatalf("%q = status %d, want %d", args[1:], got, want)
		}
	},
	// json LINE PATH [VARIABLE]: prints what is at PATH in a line (1 is the
	// first) of the last output, or puts it into an environment variable.
	"json": func(ts *testscript.TestScript, neg bool, args []string) {
		n, err := strconv.Atoi(args[0])
		ts.Check(err)
		all := lines(ts.ReadFile("stdout"))
		if n > len(all) {
			ts.Fatalf("the output has %d lines, want %d", len(all), n)
		}
		v := at(ts, all[n-1], args[1])
		if len(args) > 2 {
			ts.Setenv(args[2], v)
			return
		}
		_, err = ts.Stdout().Write([]byte(v + "\n"))
		ts.Check(err)
	},
	// keys NAME...: the first line of the last output is an object with
	// exactly these members.
	"keys": func(ts *testscript.TestScript, neg bool, args []string) {
		var object map[string]any
		ts.Check(json.Unmarshal([]byte(lines(ts.ReadFile("stdout"))[0]), &object))
		var got []string
		for k := range object {
			got = append(got, k)
		}
		slices.Sort(got)
		slices.Sort(args)
		if !slices.Equal(got, args) {
			ts.Fatalf("members %q, want %q", got, args)
		}
	},
	// page FILE TEXT...: draws a small page with a line of text.
	"page": func(ts *testscript.TestScript, neg bool, args []string) {
		b, err := drawPage(strings.Join(args[1:], " "))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o644))
	},
	// ink FILE: draws a PNG with a blue spot on nothing.
	"ink": func(ts *testscript.TestScript, neg bool, args []string) {
		img := image.NewNRGBA(image.Rect(0, 0, 60, 60))
		draw.Draw(img, image.Rect(9, 9, 50, 50), image.NewUniform(color.NRGBA{B: 200, A: 200}), image.Point{}, draw.Src)
		var b bytes.Buffer
		ts.Check(png.Encode(&b, img))
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
	},
	// stamped FILE JPEG TEXT...: makes a PDF that shows the JPEG and draws text.
	"stamped": func(ts *testscript.TestScript, neg bool, args []string) {
		b, err := stampedPDF([]byte(ts.ReadFile(args[1])), strings.Join(args[2:], " "))
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o644))
	},
	// flip FILE: changes one byte in the middle of a file.
	"flip": func(ts *testscript.TestScript, neg bool, args []string) { flip(ts, ts.MkAbs(args[0])) },
	// flip-original and lose-original ROOT ID: do that to the original of a
	// document in a storage root.
	"flip-original": func(ts *testscript.TestScript, neg bool, args []string) { flip(ts, original(ts, args)) },
	"lose-original": func(ts *testscript.TestScript, neg bool, args []string) { ts.Check(os.Remove(original(ts, args))) },
	// word N VARIABLE: the first word of a line of the last output.
	"word": func(ts *testscript.TestScript, neg bool, args []string) {
		n, err := strconv.Atoi(args[0])
		ts.Check(err)
		ts.Setenv(args[1], strings.Fields(lines(ts.ReadFile("stdout"))[n-1])[0])
	},
	// flip-original-copy REPOSITORY FILE: does that to the copy of a file in a
	// back-up.
	"flip-original-copy": func(ts *testscript.TestScript, neg bool, args []string) {
		d := sohoa.Sum([]byte(ts.ReadFile(args[1]))).String()
		flip(ts, filepath.Join(ts.MkAbs(args[0]), "data", d[:2], d))
	},
	// formfeeds N FILE: the file has that many.
	"formfeeds": func(ts *testscript.TestScript, neg bool, args []string) {
		if got := strings.Count(ts.ReadFile(args[1]), "\f"); strconv.Itoa(got) != args[0] {
			ts.Fatalf("%d form feeds in %s, want %s", got, args[1], args[0])
		}
	},
	// ca: makes a test authority in ca/, with a key of an agency (agency.p12,
	// password x).
	"ca": func(ts *testscript.TestScript, neg bool, args []string) {
		ca, err := testca.Create(ts.MkAbs("ca"), time.Now)
		ts.Check(err)
		agency, err := ca.Agency("Ủy ban nhân dân xã Vĩnh Nghĩa")
		ts.Check(err)
		key, err := agency.PKCS12("x")
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("ca/agency.p12"), key, 0o600))
	},
	// online: makes a test authority in online/ that answers about revocation,
	// with a key of an agency (agency.p12, password x), and puts the address of
	// its timestamp unit into ONLINE_TSA.
	"online": func(ts *testscript.TestScript, neg bool, args []string) {
		var handler atomic.Value
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handler.Load().(http.Handler).ServeHTTP(w, r)
		}))
		ts.Defer(server.Close)
		ca, err := testca.CreateAt(ts.MkAbs("online"), time.Now, server.URL)
		ts.Check(err)
		handler.Store(ca.Handler())
		ts.Setenv("ONLINE_TSA", server.URL+"/tsa")
		agency, err := ca.Agency("Ủy ban nhân dân xã Vĩnh Nghĩa")
		ts.Check(err)
		key, err := agency.PKCS12("x")
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs("online/agency.p12"), key, 0o600))
	},
	// freeport VARIABLE: the address of a server that is not there yet.
	"freeport": func(ts *testscript.TestScript, neg bool, args []string) {
		server := httptest.NewServer(nil)
		server.Close()
		ts.Setenv(args[0], server.URL)
	},
	// waitfor URL: it answers.
	"waitfor": func(ts *testscript.TestScript, neg bool, args []string) {
		end := time.Now().Add(20 * time.Second)
		for {
			answer, err := http.Get(args[0])
			if err == nil {
				answer.Body.Close()
				return
			}
			if time.Now().After(end) {
				ts.Fatalf("%v", err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	},
	// tsa [down]: starts the timestamp authority of ca/ and puts its address
	// into TSA; down is the address of one that is not there.
	"tsa": func(ts *testscript.TestScript, neg bool, args []string) {
		ca, err := testca.Open(ts.MkAbs("ca"), time.Now)
		ts.Check(err)
		server := httptest.NewServer(ca.TSA())
		ts.Setenv("TSA", server.URL)
		if len(args) > 0 {
			server.Close()
			return
		}
		ts.Defer(server.Close)
	},
}

// flip changes one byte in the middle of a file.
func flip(ts *testscript.TestScript, name string) {
	b, err := os.ReadFile(name)
	ts.Check(err)
	b[len(b)/2] ^= 1
	ts.Check(os.WriteFile(name, b, 0o644))
}

// original is the file of a document's original in a storage root.
func original(ts *testscript.TestScript, args []string) string {
	files, err := listFiles([]string{ts.MkAbs(args[0])})
	ts.Check(err)
	var found []string
	for _, f := range files {
		if strings.Contains(strings.ToUpper(f), args[1]) && strings.HasPrefix(filepath.Base(f), "original") {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		ts.Fatalf("originals of %s: %q, want one", args[1], found)
	}
	return found[0]
}

// at is the value at a path such as signatures.0.field in a JSON line; that
// of an object or a list is JSON.
func at(ts *testscript.TestScript, line, path string) string {
	var v any
	ts.Check(json.Unmarshal([]byte(line), &v))
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = x[step]; !ok {
				ts.Fatalf("no member %q of %q in %s", step, path, line)
			}
		case []any:
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(x) {
				ts.Fatalf("%q has %d elements in %s", path, len(x), line)
			}
			v = x[i]
		default:
			ts.Fatalf("%q leads nowhere in %s", path, line)
		}
	}
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	ts.Check(err)
	return string(b)
}
