package testca

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Create makes an authority and keeps it in the folder dir, which is made if
// it does not exist: root.pem, issuing.pem and tsa.pem with the certificates,
// root.key, issuing.key and tsa.key with their keys (PKCS#8, mode 0600). What
// is revoked later comes to stand in revoked.json. It refuses a folder that holds an authority.
func Create(dir string, clock Clock) (*Authority, error) { return CreateAt(dir, clock, "") }

// CreateAt is Create for an authority that is reachable, as NewAt has it; the
// file address says where.
func CreateAt(dir string, clock Clock, baseURL string) (*Authority, error) {
	if _, err := os.Stat(filepath.Join(dir, "root.pem")); !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("create test authority in %s: %w", dir, errors.Join(os.ErrExist, err))
	}
	a, err := NewAt(clock, baseURL)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create test authority: %w", err)
	}
	if baseURL != "" {
		if err := os.WriteFile(filepath.Join(dir, addressFile), []byte(baseURL), 0o600); err != nil {
			return nil, fmt.Errorf("create test authority: %w", err)
		}
	}
	for _, p := range []struct {
		name string
		pair pair
	}{{"tsa", a.tsa}, {"issuing", a.issuing}, {"root", a.root}} { // root.pem last: it marks the rest as complete
		if err := p.pair.write(dir, p.name); err != nil {
			return nil, fmt.Errorf("create test authority: %w", err)
		}
	}
	a.dir = dir
	return a, nil
}

// Open reads the authority that Create kept in dir.
func Open(dir string, clock Clock) (*Authority, error) {
	a := newAuthority(clock)
	a.dir = dir
	var errs [4]error
	a.root, errs[0] = readPair(dir, "root")
	a.issuing, errs[1] = readPair(dir, "issuing")
	a.tsa, errs[2] = readPair(dir, "tsa")
	var address []byte
	if address, errs[3] = os.ReadFile(filepath.Join(dir, addressFile)); errors.Is(errs[3], os.ErrNotExist) {
		errs[3] = nil
	}
	a.baseURL = string(address)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("open test authority: %w", err)
	}
	return a, nil
}

const (
	addressFile = "address"
	revokedFile = "revoked.json"
)

// keepRevocations writes what is revoked. The caller holds mu.
func (a *Authority) keepRevocations() error {
	if a.dir == "" {
		return nil
	}
	b, err := json.MarshalIndent(a.revoked, "", "  ")
	if err != nil {
		return fmt.Errorf("keep revocations: %w", err)
	}
	name := filepath.Join(a.dir, revokedFile)
	if err := os.WriteFile(name+".new", b, 0o600); err != nil {
		return fmt.Errorf("keep revocations: %w", err)
	}
	return os.Rename(name+".new", name)
}

// readRevocations reads what another process may have revoked. The caller
// holds mu.
func (a *Authority) readRevocations() error {
	if a.dir == "" {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(a.dir, revokedFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, &a.revoked)
	}
	if err != nil {
		return fmt.Errorf("read revocations: %w", err)
	}
	return nil
}

func (p pair) write(dir, name string) error {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return err
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(filepath.Join(dir, name+".key"), key, 0o600); err != nil {
		return err
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw})
	return os.WriteFile(filepath.Join(dir, name+".pem"), cert, 0o600)
}

func readPair(dir, name string) (pair, error) {
	der, err := readPEM(filepath.Join(dir, name+".pem"))
	if err != nil {
		return pair{}, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return pair{}, fmt.Errorf("%s.pem: %w", name, err)
	}
	if der, err = readPEM(filepath.Join(dir, name+".key")); err != nil {
		return pair{}, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return pair{}, fmt.Errorf("%s.key: %w", name, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return pair{}, fmt.Errorf("%s.key: a %T cannot sign", name, key)
	}
	return pair{cert, signer}, nil
}

func readPEM(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s: no PEM block", path)
	}
	return block.Bytes, nil
}
