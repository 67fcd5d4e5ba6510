package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/signing/validation"
	"sohoa/web"
)

// serveCmd serves the pages and works on documents, in one process.
type serveCmd struct {
	Listen string `default:"127.0.0.1:8080" env:"SOHOA_LISTEN" placeholder:"ADDR" help:"Address to serve on."`
	Secure bool   `env:"SOHOA_SECURE_COOKIES" help:"Cookies over HTTPS only; set it behind a proxy that has TLS."`
	Demo   string `placeholder:"DIR" help:"In an empty data folder, make a demonstration office and digitise the files in DIR."`
}

// Run implements the command.
func (c *serveCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	l, err := listen(c.Listen)
	if err != nil {
		return err
	}
	defer l.Close()
	var demo *demonstration
	if c.Demo != "" {
		if demo, err = prepareDemo(set); err != nil {
			return err
		}
	}
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	var e *engine
	err = a.patiently(ctx, func() (again bool, err error) {
		e, err = a.start(ctx)
		return err == nil && e == nil, err
	})
	if err != nil {
		return err
	}
	server, err := c.server(e)
	if err != nil {
		return errors.Join(err, e.Stop())
	}
	s := serving{e, server, l, out.err}
	err = s.run(ctx, func(ctx context.Context) error {
		if demo != nil {
			if err := demo.fill(ctx, e, c.Demo, out); err != nil {
				return err
			}
		}
		if err := s.welcome(ctx); err != nil || demo == nil {
			return err
		}
		return demo.introduce(ctx, s)
	})
	return errors.Join(err, e.Stop())
}

// listen opens the address, or says what is wrong with it.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "listen.in-use", Args: []string{address}}
	}
	return l, err
}

// server makes the web half.
func (c *serveCmd) server(e *engine) (*web.Server, error) {
	roots, err := e.set.roots(e.set.Trust)
	if err != nil {
		return nil, err
	}
	privacy, err := e.privacy()
	if err != nil {
		return nil, err
	}
	factorKey, err := e.factorKey()
	if err != nil {
		return nil, err
	}
	proxies, err := networks(e.set.TrustedProxies)
	if err != nil {
		return nil, err
	}
	var signOn *web.SignOn
	if e.set.OIDCIssuer != "" {
		signOn = &web.SignOn{Issuer: e.set.OIDCIssuer, ClientID: e.set.OIDCClientID, ClientSecret: e.set.OIDCClientSecret, Name: e.set.OIDCName, Claim: e.set.OIDCClaim}
	}
	return web.New(web.Config{
		SignOn:       signOn,
		SecondFactor: e.set.SecondFactor, FactorKey: factorKey, TrustedProxies: proxies,
		Privacy: privacy, IndexHealth: e.index.Health,
		Catalog: e.catalog, Sessions: e.sessions, Intake: e.service, Index: e.index, Desk: e.service, Reuse: e.service, Giver: e.service, Tool: e.set.SignTool, Journal: e.service.Journal(),
		Verify: func(ctx context.Context, r io.ReaderAt, size int64) (*validation.Report, error) {
			return validation.Validate(ctx, r, size, validation.Options{Roots: roots})
		},
		Queue: e.queue.(web.Queues), Health: e.health, Settings: e.set.shown(), Hooks: e.told,
		PublicURL: e.set.PublicURL, TwoCopies: e.service.Second != nil, Log: e.log, Version: version, SecureCookies: c.Secure,
	})
}

// networks reads addresses and networks of the setting trusted_proxies.
func networks(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if addr, err2 := netip.ParseAddr(text); err != nil && err2 == nil {
			p, err = addr.Unmap().Prefix(addr.Unmap().BitLen())
		}
		if err != nil {
			return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "settings.proxies", Args: []string{text}, Detail: err.Error()}
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// Bounds of the HTTP server. A body may take long: uploads come over slow
// lines.
const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
)

// serving is a server that runs.
type serving struct {
	*engine
	server *web.Server
	l      net.Listener
	out    io.Writer
}

// run serves until ctx ends or the work fails, and calls ready meanwhile.
func (s serving) run(ctx context.Context, ready func(context.Context) error) error {
	h := &http.Server{Handler: s.server, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	h.RegisterOnShutdown(s.server.Close)
	g, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(s.ctx, func() { s.l.Close() }) // the work failed
	defer stop()
	g.Go(func() error {
		if err := h.Serve(s.l); !errors.Is(err, http.ErrServerClosed) && s.ctx.Err() == nil {
			return err
		}
		return errEnded
	})
	g.Go(func() error { return ready(ctx) })
	g.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), sohoa.ShutdownGrace/2)
		defer cancel()
		if err := h.Shutdown(grace); errors.Is(err, context.DeadlineExceeded) {
			return h.Close()
		}
		return nil
	})
	if err := g.Wait(); err != nil && !errors.Is(err, errEnded) && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// errEnded ends the group of a server that stopped as it should.
var errEnded = errors.New("server ended")

// welcome says what to open, with a set-up link for an administrator who has
// no password yet.
func (s serving) welcome(ctx context.Context) error {
	base := "http://" + s.l.Addr().String()
	users, err := s.catalog.Users(ctx)
	if err != nil {
		return err
	}
	if len(users) == 0 {
		if err := s.addUser(ctx, sohoa.User{Name: firstAdmin, FullName: "Quản trị viên", Roles: []sohoa.UserRole{sohoa.UserAdmin}, CreatedAt: time.Now().UTC()}); err != nil {
			return err
		}
	}
	link, err := s.firstLink(ctx, base)
	if err != nil {
		return err
	}
	format := "Mở %s\n"
	if s.set.Lang == sohoa.English {
		format = "Open %s\n"
	}
	fmt.Fprintf(s.out, format, base)
	if link == "" {
		return nil
	}
	format = "Đặt mật khẩu quản trị viên (liên kết dùng một lần): %s\n"
	if s.set.Lang == sohoa.English {
		format = "Set the administrator's password (one-time link): %s\n"
	}
	fmt.Fprintf(s.out, format, link)
	return nil
}

// firstAdmin is the user that the first start makes.
const firstAdmin = "admin"

// firstLink returns a set-up link as long as no administrator can sign in.
func (a *app) firstLink(ctx context.Context, base string) (string, error) {
	users, err := a.catalog.Users(ctx)
	if err != nil {
		return "", err
	}
	waiting := ""
	for _, u := range users {
		if slices.Contains(u.Roles, sohoa.UserAdmin) && u.Ready {
			return "", nil
		}
		if slices.Contains(u.Roles, sohoa.UserAdmin) && waiting == "" {
			waiting = u.Name
		}
	}
	if waiting == "" {
		return "", nil
	}
	return a.link(ctx, base, waiting)
}
