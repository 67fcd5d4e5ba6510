package signing_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/testca"
)

// network answers for the hosts of several authorities, in the time of a
// synctest bubble.
type network map[string]func(ctx context.Context, request []byte) ([]byte, error)

// bubble runs a test in a bubble, with a test CA whose certificates begin
// there.
func bubble(t *testing.T, test func(*testing.T, *testca.Authority)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, err := testca.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		test(t, a)
	})
}

// RoundTrip implements http.RoundTripper.
func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	answer, err := n[r.URL.Host](r.Context(), body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(answer)), Request: r}, nil
}

// client asks first.test and then second.test.
func (n network) client(a *testca.Authority) *signing.TSA {
	return &signing.TSA{URLs: []string{"http://first.test/", "http://second.test/"}, Roots: a.Pool(), Client: &http.Client{Transport: n}}
}

// after answers rightly after a while.
func after(a *testca.Authority, d time.Duration) func(context.Context, []byte) ([]byte, error) {
	unit := a.TSA()
	return func(ctx context.Context, request []byte) ([]byte, error) {
		select {
		case <-time.After(d):
			return unit.Respond(request)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// dead never answers.
func dead(ctx context.Context, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func stamp(t *testing.T, tsa *signing.TSA) error {
	t.Helper()
	_, err := tsa.Stamp(t.Context(), make([]byte, 32))
	return err
}

// TestDeadAuthorityRests stamps 300 documents, one a second, with a first
// authority that is dead.
func TestDeadAuthorityRests(t *testing.T) {
	bubble(t, func(t *testing.T, a *testca.Authority) {
		tsa := network{"first.test": dead, "second.test": after(a, time.Second)}.client(a)
		start := time.Now()
		for range 300 {
			if err := stamp(t, tsa); err != nil {
				t.Fatal(err)
			}
		}
		// It is asked at 0, 30, 90 and 210 s of waiting, more or less.
		if took := time.Since(start); took > 300*time.Second+5*sohoa.TSATimeout {
			t.Errorf("300 timestamps took %v, want the first authority to cost at most %v", took, 5*sohoa.TSATimeout)
		}
	})
}

// TestRestEnds has the only two authorities fail, and come back.
func TestRestEnds(t *testing.T) {
	bubble(t, func(t *testing.T, a *testca.Authority) {
		asked := 0
		refused := func(context.Context, []byte) ([]byte, error) { asked++; return nil, errors.New("refused") }
		n := network{"first.test": refused, "second.test": refused}
		tsa := n.client(a)
		wantProblem(t, stamp(t, tsa), "sign.tsa-unavailable")
		wantProblem(t, stamp(t, tsa), "sign.tsa-rests")
		time.Sleep(30 * time.Second)
		wantProblem(t, stamp(t, tsa), "sign.tsa-unavailable")
		time.Sleep(30 * time.Second)
		wantProblem(t, stamp(t, tsa), "sign.tsa-rests") // twice as long
		time.Sleep(30 * time.Second)
		if asked != 4 {
			t.Errorf("the authorities were asked %d times, want 4", asked)
		}
		n["first.test"] = after(a, 0)
		if err := stamp(t, tsa); err != nil {
			t.Errorf("Stamp after the rest = %v, want a token", err)
		}
		n["first.test"] = refused
		wantProblem(t, stamp(t, tsa), "sign.tsa-unavailable")
		time.Sleep(30 * time.Second)
		n["first.test"] = after(a, 0)
		if err := stamp(t, tsa); err != nil {
			t.Errorf("Stamp after a failure between successes = %v, want a token after a short rest", err)
		}
	})
}

// TestSlowAuthority has the state's take 131 s.
func TestSlowAuthority(t *testing.T) {
	for _, tt := range []struct {
		timeout time.Duration
		code    string
	}{{0, "sign.tsa-unavailable"}, {180 * time.Second, ""}} {
		bubble(t, func(t *testing.T, a *testca.Authority) {
			n := network{"first.test": after(a, 131*time.Second), "second.test": dead}
			tsa := n.client(a)
			tsa.Timeout = tt.timeout
			err := stamp(t, tsa)
			if tt.code != "" {
				wantProblem(t, err, tt.code)
			} else if err != nil {
				t.Errorf("Stamp with %v = %v, want a token", tt.timeout, err)
			}
		})
	}
}

// TestFewCallsAtOnce has 20 documents stamped at once.
func TestFewCallsAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, a *testca.Authority) {
		var mu sync.Mutex
		now, most := 0, 0
		good := after(a, time.Second)
		tsa := network{"second.test": dead, "first.test": func(ctx context.Context, request []byte) ([]byte, error) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			answer, err := good(ctx, request)
			mu.Lock()
			now--
			mu.Unlock()
			return answer, err
		}}.client(a)
		start := time.Now()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := stamp(t, tsa); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if took := time.Since(start); most != sohoa.MaxTSACalls || took != 5*time.Second {
			t.Errorf("%d calls at once, %v in all; want %d, 5 s", most, took, sohoa.MaxTSACalls)
		}
	})
}

// TestGivingUpIsNotAFailure has a caller leave: the authority is asked again.
func TestGivingUpIsNotAFailure(t *testing.T) {
	bubble(t, func(t *testing.T, a *testca.Authority) {
		n := network{"first.test": dead, "second.test": dead}
		tsa := n.client(a)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := tsa.Stamp(ctx, make([]byte, 32)); err == nil {
			t.Error("Stamp = nil, want an error")
		}
		n["first.test"] = after(a, 0)
		if err := stamp(t, tsa); err != nil {
			t.Errorf("Stamp afterwards = %v, want a token", err)
		}
	})
}

// TestRedirectionIsNotFollowed has an authority send its clients elsewhere.
func TestRedirectionIsNotFollowed(t *testing.T) {
	elsewhere, unit := stamper(t, testca.FaultNone)
	asked := ""
	tsa := &signing.TSA{URLs: []string{"http://first.test/"}, Roots: ca(t).Pool(), Client: &http.Client{Transport: redirecting{&asked, elsewhere.URLs[0]}}}
	wantProblem(t, stamp(t, tsa), "sign.tsa-unavailable")
	if unit.Requests() != 0 || asked != "first.test" {
		t.Errorf("%d requests arrived elsewhere, asked was %q; want the configured host alone", unit.Requests(), asked)
	}
}

// redirecting answers every request with a redirection.
type redirecting struct {
	asked *string
	to    string
}

// RoundTrip implements http.RoundTripper.
func (r redirecting) RoundTrip(request *http.Request) (*http.Response, error) {
	*r.asked += request.URL.Host
	return &http.Response{StatusCode: http.StatusTemporaryRedirect, Status: "307", Header: http.Header{"Location": {r.to}},
		Body: http.NoBody, Request: request}, nil
}
