package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/search"
)

// The process that holds the lock answers searches of other commands over a
// socket in the data folder, which only the owner of the folder can enter.

// inData calls f with a short path of the control socket: the names of
// sockets are bounded to some 100 bytes, those of data folders are not.
func (a *app) inData(f func(path string) error) error {
	dir, err := os.Open(a.set.Data)
	if err != nil {
		return err
	}
	defer dir.Close()
	return f(fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), controlSocket))
}

// serveControl answers until ctx ends.
func (e *engine) serveControl(ctx context.Context) error {
	var l net.Listener
	err := e.inData(func(path string) error {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		var err error
		l, err = net.Listen("unix", path)
		return err
	})
	if err != nil {
		return fmt.Errorf("open control socket: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /search", e.control(e.answerSearch))
	mux.HandleFunc("POST /reindex", e.control(func(r *http.Request) (any, error) {
		return struct{}{}, e.index.Rebuild(r.Context(), e.feed())
	}))
	mux.HandleFunc("POST /index/verify", e.control(func(r *http.Request) (any, error) {
		return e.index.Examine(r.Context(), e.feed(), r.FormValue("repair") == "true")
	}))
	mux.HandleFunc("GET /move", e.control(e.moves.progress))
	mux.HandleFunc("POST /move", e.control(e.answerMove))
	server := &http.Server{Handler: mux, BaseContext: func(net.Listener) context.Context { return ctx }}
	var g errgroup.Group
	g.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("control socket: %w", err)
	}
	return g.Wait()
}

// control turns what f returns into an answer.
func (e *engine) control(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := f(r)
		if err != nil {
			w.WriteHeader(http.StatusUnprocessableEntity)
			answer = sohoa.AsProblem(err)
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			e.log.Warn("control answer failed", "err", err)
		}
	}
}

func (e *engine) answerSearch(r *http.Request) (any, error) {
	limit, _ := strconv.Atoi(r.FormValue("limit")) // 0 is the default
	return e.searchNow(r.Context(), search.Query{Text: r.FormValue("q"), Scope: sohoa.Everything, Limit: limit})
}

// searchNow searches after the index has taken in all that is in the journal
// at this moment.
func (e *engine) searchNow(ctx context.Context, q search.Query) (search.Results, error) {
	head, err := e.catalog.Head(ctx)
	if err != nil {
		return search.Results{}, err
	}
	if err := waitIndexed(ctx, e.index, head); err != nil {
		return search.Results{}, err
	}
	return e.index.Search(ctx, q)
}

// errNoAnswer says that the process which holds the lock does not listen.
var errNoAnswer = errors.New("no answer from the process that holds the data folder")

// askControl sends a request to the process that holds the lock and reads its
// answer into answer, unless that is nil.
func (a *app) askControl(ctx context.Context, method, path string, form url.Values, answer any) error {
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (c net.Conn, err error) {
		err = a.inData(func(path string) error {
			c, err = new(net.Dialer).DialContext(ctx, "unix", path)
			return err
		})
		return c, err
	}}}
	req, err := http.NewRequestWithContext(ctx, method, "http://control"+path+"?"+form.Encode(), nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		problem := new(sohoa.Problem)
		if err := json.Unmarshal(body, problem); err != nil {
			return err
		}
		return problem
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(body, answer)
}
