package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"

	"sohoa"
	"sohoa/archive/vault"
)

// execPrefix begins the setting of a key that a command prints.
const execPrefix = "exec:"

// openVault opens the vault over the object store with the keys of the
// settings.
func (a *app) openVault(ctx context.Context) (*vault.Store, error) {
	keys, err := a.set.vaultKeys(ctx)
	if err != nil {
		return nil, err
	}
	return vault.Open(ctx, a.stored, keys)
}

// vaultKeys reads the key to what is stored; without one there are none.
func (set *settings) vaultKeys(ctx context.Context) (vault.Keys, error) {
	if set.EncryptKey == "" {
		if len(set.EncryptTo) > 0 {
			return vault.Keys{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "vault.no-key-set"}
		}
		return vault.Keys{}, nil
	}
	file, err := set.keyFile(ctx)
	if err != nil {
		return vault.Keys{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "vault.key-file", Detail: err.Error()}
	}
	keys, err := vault.NewKeys(file, set.EncryptTo)
	if set.Encrypt == "off" {
		keys = keys.ReadOnly()
	}
	return keys, err
}

// keyFile is the content of the key file.
func (set *settings) keyFile(ctx context.Context) ([]byte, error) {
	command, ok := strings.CutPrefix(set.EncryptKey, execPrefix)
	if ok {
		return printed(ctx, command)
	}
	f, err := os.Open(set.find(set.EncryptKey))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, sohoa.MaxKeyFileBytes))
}

// printed runs a command for its output. What it says beside is for the
// operator.
func printed(ctx context.Context, command string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, sohoa.MaxKeyTime)
	defer cancel()
	var out bytes.Buffer
	c := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	c.Stdout, c.Stderr = &bounded{&out, sohoa.MaxKeyFileBytes}, os.Stderr
	c.WaitDelay = sohoa.ShutdownGrace
	err := c.Run()
	return out.Bytes(), err
}

// bounded takes in so many bytes and no more.
type bounded struct {
	w    io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, sohoa.ErrTooLarge
	}
	b.left -= len(p)
	return b.w.Write(p)
}
