package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"sohoa"
	"sohoa/archive/vault"
)

// keyCmd makes keys to what is stored.
type keyCmd struct {
	New keyNewCmd `cmd:"" help:"Make a key file (age identity) and print its recipient."`
}

// keyNewCmd makes a key file.
type keyNewCmd struct {
	File        string `arg:"" help:"Where to write the key; a file that is there is not overwritten."`
	PostQuantum bool   `help:"Make a key that withstands quantum computers; it takes age 1.3 or newer to read files without sohoa."`
}

// Run implements the command.
func (c *keyNewCmd) Run(out *streams) (err error) {
	identity, recipient, err := vault.NewKey(c.PostQuantum)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "vault.key-there", Args: []string{c.File}}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = fmt.Fprintf(f, "# created: %s\n# public key: %s\n%s\n", time.Now().UTC().Format(time.RFC3339), recipient, identity)
	if err := errors.Join(err, f.Sync()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out.out, recipient)
	return err
}
