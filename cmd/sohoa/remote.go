package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/csc"
)

// remoteLogin is how a person is known to a remote signing service.
type remoteLogin struct {
	OTP   string `name:"otp" env:"SOHOA_KEY_OTP" secret:"" help:"One-time password for a remote key; without it one that is needed is asked for on a terminal."`
	Token string `name:"csc-token" env:"SOHOA_CSC_TOKEN" secret:"" help:"Access token of a remote signing service; better in the environment than in a flag."`
}

// openSignatory opens a key here or at a remote service, which signs until it
// is closed.
func (c *signCmd) openSignatory(ctx context.Context, set *settings, out *streams) (signing.Signatory, func() error, error) {
	if !csc.IsAddress(c.Key) {
		return set.openKey(ctx, keySource{c.Key, c.Password, c.Cert})
	}
	if c.Cert != "" {
		return nil, nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "remote.own-certificate", Args: []string{c.Cert}}
	}
	config, err := csc.ParseAddress(c.Key)
	if err != nil {
		return nil, nil, err
	}
	config.Token, config.ClientID, config.ClientSecret = c.Token, set.CSCClientID, set.CSCClientSecret
	config.Ask = func(_ context.Context, f csc.Factor) (string, error) { return c.factor(f, out) }
	key, err := csc.Open(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	return key, func() error { return nil }, nil
}

// factor is what authorises the use of a remote key: the PIN, or the one-time
// password that was given or that the person at the terminal types. A PIN is
// not asked for, since it would be seen.
func (c *signCmd) factor(f csc.Factor, out *streams) (string, error) {
	if !oneTime(f) {
		return c.Password, nil
	}
	in, isFile := out.in.(*os.File)
	if c.OTP != "" || !isFile || !terminal(in) {
		return c.OTP, nil
	}
	fmt.Fprintf(out.err, "%s %s: ", graphic(f.Label), graphic(f.Challenge))
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read %s: %w", f.ID, err)
	}
	return strings.TrimSpace(line), nil
}

// oneTime reports whether a factor is a one-time password, not a PIN.
func oneTime(f csc.Factor) bool {
	return f.ID == "OTP" || f.Generator != "" || f.Type == "ChallengeResponse"
}

// terminal reports whether somebody sits at f.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Pauses between questions for a signature value that is not there yet.
const (
	firstPause = 250 * time.Millisecond
	maxPause   = 5 * time.Second
)

// value has the key sign p, and waits until p expires where that takes a
// person or a service its time.
func (j signJob) value(ctx context.Context, p *signing.Prepared) ([]byte, error) {
	ctx, cancel := context.WithDeadline(ctx, p.Expires)
	defer cancel()
	values, ticket, err := j.key.SignDigests(ctx, p.Algorithm, [][]byte{p.Digest()})
	if err == nil && ticket != "" {
		j.tell(&sohoa.Problem{Code: "remote.waiting"})
		values, err = collect(ctx, j.key, ticket)
	}
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

// collect asks for values until they are there. A service that cannot be
// reached for a while is asked again: its user may have confirmed already.
func collect(ctx context.Context, key signing.Signatory, ticket string) ([][]byte, error) {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		values, err := key.Collect(ctx, ticket)
		if !errors.Is(err, signing.ErrNotYet) && !errors.Is(err, sohoa.ErrUnavailable) {
			return values, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}
