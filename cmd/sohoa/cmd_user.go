package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/web"
)

// userCmd adds a user or renews their set-up link.
type userCmd struct {
	Name     string `arg:"" help:"Name to sign in with."`
	FullName string `help:"Full name; default is what it was, or the name."`
	Role     string `name:"role" placeholder:"ROLE,..." help:"clerk, official, seal-keeper, staff, archivist, inspector, admin, or several; default is what it was, or clerk."`
	Whole    bool   `help:"The user is of the whole installation, not of an agency: administrators, archivists, inspectors."`
	Disable  bool   `xor:"what" help:"The user signs in no more, and is signed out everywhere; what they did stays."`
	Enable   bool   `xor:"what" help:"The opposite."`
	Reset    bool   `xor:"what" name:"reset-factors" help:"Remove what the user signs in with beside the password, as when a phone is lost."`
	Base     string `default:"http://127.0.0.1:8080" placeholder:"URL" help:"Address of the server, for the link."`
}

// Run implements the command.
func (c *userCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	u, err := a.catalog.User(ctx, c.Name)
	if err == nil && c.Whole {
		u.Agency = ""
	}
	if c.Disable || c.Enable || c.Reset {
		if err != nil {
			return err
		}
		return c.change(ctx, a, u)
	}
	if errors.Is(err, sohoa.ErrNotExist) {
		u, err = sohoa.User{Name: c.Name, FullName: c.Name, Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: set.Agency, CreatedAt: time.Now().UTC()}, nil
		if c.Whole {
			u.Agency = ""
		}
	}
	if err != nil {
		return err
	}
	if c.FullName != "" {
		u.FullName = c.FullName
	}
	if c.Role != "" {
		u.Roles = sohoa.SplitRoles(c.Role)
	}
	if err := u.Check(); err != nil {
		return err
	}
	if err := a.addUser(ctx, u); err != nil {
		return err
	}
	link, err := a.link(ctx, c.Base, u.Name)
	if err != nil {
		return err
	}
	fmt.Fprintln(out.out, link)
	return nil
}

// change disables or enables a user, or removes their second factors, and
// makes no link.
func (c *userCmd) change(ctx context.Context, a *app, u sohoa.User) error {
	if c.Reset {
		return web.ResetFactors(ctx, a.catalog, actor(), u.Name)
	}
	u.Disabled = c.Disable
	return web.ChangeUser(ctx, a.catalog, actor(), u)
}

// addUser makes a user, or changes one that is there, who is then signed out
// everywhere; and their agency.
func (a *app) addUser(ctx context.Context, u sohoa.User) error {
	if err := a.knowAgencies(ctx, u.Agency); err != nil {
		return err
	}
	about, err := json.Marshal(map[string]string{"user": u.Name, "role": sohoa.JoinRoles(u.Roles), "agency": u.Agency})
	if err != nil {
		return err
	}
	return a.catalog.Update(ctx, func(tx archive.Tx) error {
		if err := tx.PutUser(u); err != nil {
			return err
		}
		if _, err := tx.EndDevices(u.Name, ""); err != nil {
			return err
		}
		_, err := tx.Append(sohoa.Entry{Actor: actor(), Action: sohoa.ActionUser, Detail: string(about)})
		return err
	})
}

// link makes a new set-up link for a user.
func (a *app) link(ctx context.Context, base, user string) (string, error) {
	token, err := web.SetupLink(ctx, a.catalog, user)
	if err != nil {
		return "", err
	}
	return base + "/setup/" + token, nil
}
