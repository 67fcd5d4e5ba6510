package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sohoa"
	"sohoa/signing/testca"
)

// testcaCmd is a certificate authority for tests and demonstrations.
type testcaCmd struct {
	Issue  testcaIssueCmd  `cmd:"" help:"Issue a key with its certificate: FILE.p12, and the certificate alone beside it as FILE.pem."`
	Revoke testcaRevokeCmd `cmd:"" help:"Revoke a certificate; a server that runs knows it at once."`
	Serve  testcaServeCmd  `cmd:"" help:"Serve timestamps, OCSP, revocation lists and issuers' certificates, on loopback only."`
}

// testWorld is the folder of a test authority.
type testWorld struct {
	Dir string `arg:"" help:"Folder of the authority; made if there is none."`
	URL string `name:"url" default:"http://127.0.0.1:8090" help:"Where a new authority will serve: certificates say so for good. Loopback only."`
}

// open opens the authority, or makes it.
func (w testWorld) open() (*testca.Authority, error) {
	if _, err := os.Stat(filepath.Join(w.Dir, "root.pem")); !errors.Is(err, fs.ErrNotExist) {
		return testca.Open(w.Dir, nil)
	}
	if _, err := loopback(w.URL); err != nil {
		return nil, err
	}
	return testca.CreateAt(w.Dir, nil, strings.TrimSuffix(w.URL, "/"))
}

// loopback returns the host and port of an address on this machine.
func loopback(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Port() == "" || !net.ParseIP(u.Hostname()).IsLoopback() {
		return "", &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "testca.url", Args: []string{address}}
	}
	return u.Host, nil
}

// testcaIssueCmd issues a key.
type testcaIssueCmd struct {
	testWorld    `embed:""`
	Name         string    `arg:"" help:"Whom to issue to: an agency, or a person with --organisation."`
	Organisation string    `placeholder:"NAME" help:"Where the person works."`
	KeyType      string    `default:"RSA-2048" enum:"RSA-2048,RSA-4096,RSA-1024,P-256,P-384,P-521" help:"RSA-2048, RSA-4096, P-256, P-384, P-521, or RSA-1024, which is too weak."`
	From         time.Time `format:"2006-01-02" placeholder:"DATE" help:"First day of validity; default is today."`
	Days         int       `default:"1095" help:"How long it is valid."`
	Fault        string    `placeholder:"FAULT" help:"Have the certificate name addresses where OCSP and lists misbehave so; see serve."`
	Out          string    `short:"o" required:"" placeholder:"FILE.p12" help:"Write the key here; a file that is there is not overwritten."`
	Password     string    `required:"" env:"SOHOA_KEY_PASSWORD" secret:"" help:"Password of the file; better in the environment than in a flag."`
}

// Run implements the command.
func (c *testcaIssueCmd) Run(out *streams) error {
	ca, err := c.open()
	if err != nil {
		return err
	}
	from := time.Now().Add(-time.Hour)
	if !c.From.IsZero() {
		from = c.From
	}
	opts := []testca.Option{testca.WithKey(testca.Algorithm(c.KeyType)), testca.WithValidity(from, from.AddDate(0, 0, c.Days))}
	if c.Fault != "" {
		at, err := below(ca.BaseURL(), c.Fault)
		if err != nil {
			return err
		}
		opts = append(opts, testca.WithSources([]string{at + "/ocsp"}, []string{at + "/issuing.crl"}, []string{at + "/issuing.cer"}))
	}
	var id *testca.Identity
	if c.Organisation != "" {
		id, err = ca.Person(c.Name, c.Organisation, opts...)
	} else {
		id, err = ca.Agency(c.Name, opts...)
	}
	if err != nil {
		return err
	}
	p12, err := id.PKCS12(c.Password)
	if err != nil {
		return err
	}
	pem := strings.TrimSuffix(c.Out, filepath.Ext(c.Out)) + ".pem"
	if err := errors.Join(writeNew(c.Out, p12), writeNew(pem, id.PEM())); err != nil {
		return err
	}
	fmt.Fprintf(out.out, "%s  %s  %s\n", c.Out, pem, id.Certificate.NotAfter.In(sohoa.Hanoi).Format("02/01/2006"))
	return nil
}

// below is the address below base at which an authority misbehaves.
func below(base, fault string) (string, error) {
	for _, f := range testca.Faults() {
		if f.Slug() == fault {
			return base + "/" + fault, nil
		}
	}
	return "", &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "testca.fault", Args: []string{fault, slugs()}}
}

// slugs are the faults as they stand in addresses.
func slugs() string {
	var all []string
	for _, f := range testca.Faults() {
		all = append(all, f.Slug())
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// writeNew writes a file that was not there, for its owner alone.
func writeNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// testcaRevokeCmd revokes a certificate.
type testcaRevokeCmd struct {
	testWorld `embed:""`
	Cert      string `arg:"" help:"Certificate (PEM or DER): FILE.pem of a key, or tsa.pem of the folder."`
	Reason    string `default:"unspecified" enum:"unspecified,key-compromise,superseded,cessation" help:"unspecified, key-compromise, superseded or cessation."`
}

// reasons are CRLReason codes (RFC 5280, 5.3.1).
var reasons = map[string]int{"unspecified": 0, "key-compromise": 1, "superseded": 4, "cessation": 5}

// Run implements the command.
func (c *testcaRevokeCmd) Run(set *settings, out *streams) error {
	ca, err := testca.Open(c.Dir, nil)
	if err != nil {
		return err
	}
	certs, err := set.certificates(c.Cert)
	if err != nil {
		return err
	}
	return revoke(ca, certs[0], testca.Revocation{Time: time.Now().UTC().Truncate(time.Second), Reason: reasons[c.Reason]}, out)
}

func revoke(ca *testca.Authority, cert *x509.Certificate, r testca.Revocation, out *streams) error {
	if err := cert.CheckSignatureFrom(ca.Issuing()); err != nil {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "testca.stranger", Args: []string{cert.Subject.CommonName}, Detail: err.Error()}
	}
	if err := ca.Revoke(cert, r); err != nil {
		return err
	}
	fmt.Fprintf(out.out, "%s  %x\n", cert.Subject.CommonName, cert.SerialNumber)
	return nil
}

// testcaServeCmd serves an authority.
type testcaServeCmd struct {
	testWorld `embed:""`
	Fault     string        `placeholder:"FAULT" help:"Misbehave so at every address, e.g. hang, wrong-nonce, expired. Without it one that is below the fault's name does, e.g. /wrong-nonce/tsa."`
	Slowness  time.Duration `default:"5s" help:"How long the fault slow waits before the right answer."`
}

// Run implements the command: it serves until ctx ends.
func (c *testcaServeCmd) Run(ctx context.Context, out *streams) error {
	ca, err := c.open()
	if err != nil {
		return err
	}
	ca.SetSlowness(c.Slowness)
	base := ca.BaseURL()
	if base == "" {
		base = c.URL // an authority of a demonstration: its certificates do not say
	}
	host, err := loopback(base)
	if err != nil {
		return err
	}
	handler := ca.Handler()
	if c.Fault != "" {
		if _, err := below("", c.Fault); err != nil {
			return err
		}
		handler = under("/"+c.Fault, handler)
	}
	l, err := net.Listen("tcp", host)
	if err != nil {
		return fmt.Errorf("serve test authority: %w", err)
	}
	for _, path := range []string{"/tsa", "/ocsp", "/issuing.crl", "/issuing.cer", "/root.cer"} {
		fmt.Fprintln(out.out, base+path)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: sohoa.TSATimeout}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve test authority: %w", err)
	}
	return nil
}

// under has h think that every path begins with prefix.
func under(prefix string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = prefix + r.URL.Path
		if r.URL.RawPath != "" {
			r.URL.RawPath = prefix + r.URL.RawPath
		}
		h.ServeHTTP(w, r)
	})
}
