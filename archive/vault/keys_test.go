package vault_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/vault"
)

// pluginName is the plugin that this test program is, if it is called so.
const pluginName = "sohoatest"

// TestMain is the plugin of the tests: a keeper of one key, which stands for a
// token or a key management service behind the age plugin protocol.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "age-plugin-"+pluginName {
		os.Exit(keepKey())
	}
	os.Exit(m.Run())
}

// keepKey answers one call by age. The data of its identity is the name of the
// file with the key.
func keepKey() int {
	p, err := plugin.New(pluginName)
	if err != nil {
		return 1
	}
	read := func(data []byte) (*age.X25519Identity, error) {
		b, err := os.ReadFile(string(data))
		if err != nil {
			return nil, err
		}
		return age.ParseX25519Identity(strings.TrimSpace(string(b)))
	}
	p.HandleIdentity(func(data []byte) (age.Identity, error) { return read(data) })
	p.HandleIdentityAsRecipient(func(data []byte) (age.Recipient, error) {
		i, err := read(data)
		if err != nil {
			return nil, err
		}
		return i.Recipient(), nil
	})
	return p.Main()
}

func problem(err error) string {
	var p *sohoa.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// TestMissingKeyIsNamed opens a vault without its key and with another one.
func TestMissingKeyIsNamed(t *testing.T) {
	inner := local(t, t.TempDir())
	k, _ := newKeys(t)
	put(t, open(t, inner, k), "a", []byte("secret"))
	other, _ := newKeys(t)
	for name, c := range map[string]struct {
		keys vault.Keys
		code string
		args []string
	}{
		"none":         {vault.Keys{}, "vault.no-key", k.Names},
		"another":      {other, "vault.wrong-key", append(append([]string{}, other.Own...), k.Names...)},
		"another, off": {other.ReadOnly(), "vault.wrong-key", append(append([]string{}, other.Own...), k.Names...)},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, inner, c.keys)
			err := s.Missing()
			if problem(err) != c.code {
				t.Fatalf("Missing = %v, want %s", err, c.code)
			}
			for _, want := range c.args {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Missing = %v, want %s named", err, want)
				}
			}
			if _, err := readAll(t, s, "a"); problem(err) != "vault.closed" || !errors.Is(err, sohoa.ErrForbidden) {
				t.Errorf("reading = %v, want vault.closed", err)
			}
			if _, err := s.Stored(t.Context(), "a", sohoa.Sum([]byte("secret"))); problem(err) != "vault.closed" {
				t.Errorf("Stored = %v, want vault.closed", err)
			}
			stored := vault.Stored{Key: "a.age", Digest: sohoa.Sum(archivetest.ReadBlob(t, inner, "a.age"))}
			if _, err := s.Read(t.Context(), stored, 1000); problem(err) != "vault.closed" {
				t.Errorf("Read = %v, want vault.closed", err)
			}
		})
	}
	if err := open(t, inner, k).Missing(); err != nil {
		t.Errorf("with the key Missing = %v", err)
	}
	if got := keys(t, inner, "vault/"); len(got) != 1 {
		t.Errorf("notes %q, want one: a key that is wrong must not be noted", got)
	}
}

// TestKeyIsNeededAlsoWithoutNotes has the notes lost and no key set.
func TestKeyIsNeededAlsoWithoutNotes(t *testing.T) {
	inner := local(t, t.TempDir())
	k, _ := newKeys(t)
	put(t, open(t, inner, k), "a", []byte("secret"))
	if err := inner.RemoveAll(t.Context(), "vault/"); err != nil {
		t.Fatal(err)
	}
	s := open(t, inner, vault.Keys{})
	if _, err := readAll(t, s, "a"); problem(err) != "vault.closed" {
		t.Errorf("reading = %v, want vault.closed", err)
	}
	if _, err := s.Stat(t.Context(), "a"); problem(err) != "vault.closed" {
		t.Errorf("Stat = %v, want vault.closed", err)
	}
	put(t, inner, "vault/0123.json", []byte("garbage"))
	if err := open(t, inner, vault.Keys{}).Missing(); problem(err) != "vault.no-key" {
		t.Errorf("Missing beside a damaged note = %v, want vault.no-key", err)
	}
	if err := open(t, inner, k).Missing(); err != nil {
		t.Errorf("with the key Missing beside a damaged note = %v", err)
	}
}

// TestChangeOfKey puts a new key before the old one: both generations are
// read, and new blobs are for the new key alone.
func TestChangeOfKey(t *testing.T) {
	inner := local(t, t.TempDir())
	old, oldFile := newKeys(t)
	put(t, open(t, inner, old), "old", []byte("first"))
	_, newFile := newKeys(t)
	both := parsed(t, "# 2027\n"+newFile+"\n\n# 2026\n"+oldFile+"\n")
	s := open(t, inner, both)
	if err := s.Missing(); err != nil {
		t.Fatal(err)
	}
	put(t, s, "new", []byte("second"))
	for key, want := range map[string]string{"old": "first", "new": "second"} {
		if got := archivetest.ReadBlob(t, s, key); string(got) != want {
			t.Errorf("%s reads %q, want %q", key, got, want)
		}
	}
	if err := open(t, inner, old).Missing(); problem(err) != "vault.wrong-key" {
		t.Errorf("with the old key alone Missing = %v, want vault.wrong-key", err)
	}
}

// TestAgeReads has the age program decrypt with a recovery key that was never
// on this machine, and encrypt a file that the vault reads.
func TestAgeReads(t *testing.T) {
	program := archivetest.Program(t, "age")
	safe, recovery, err := vault.NewKey(false)
	if err != nil {
		t.Fatal(err)
	}
	k, file := newKeys(t, recovery)
	dir := t.TempDir()
	inner := local(t, filepath.Join(dir, "objects"))
	s := open(t, inner, k)
	data := random(3, 300_000)
	put(t, s, "work/1/original", data)
	for name, identity := range map[string]string{"own": file, "recovery": safe} {
		key := filepath.Join(dir, name)
		if err := os.WriteFile(key, []byte(identity+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := exec.Command(program, "-d", "-i", key, filepath.Join(dir, "objects/work/1/original.age")).Output()
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("age -d with the %s key gives %d bytes, %v, want the %d put", name, len(got), err, len(data))
		}
	}
	c := exec.Command(program, "-r", k.Names[0])
	c.Stdin = bytes.NewReader(data)
	theirs, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	put(t, inner, "theirs.age", theirs)
	if got := archivetest.ReadBlob(t, s, "theirs"); !bytes.Equal(got, data) {
		t.Errorf("what age encrypted reads as %d other bytes", len(got))
	}
}

func TestPostQuantum(t *testing.T) {
	file, recipient, err := vault.NewKey(true)
	if err != nil || !strings.HasPrefix(recipient, "age1pq1") {
		t.Fatalf("NewKey(true) = %s, %v", recipient, err)
	}
	s := open(t, local(t, t.TempDir()), parsed(t, file))
	put(t, s, "a", []byte("secret"))
	if got := archivetest.ReadBlob(t, s, "a"); string(got) != "secret" {
		t.Errorf("read %q", got)
	}
	classic, _ := newKeys(t)
	if _, err := vault.NewKeys([]byte(file), classic.Names); problem(err) != "vault.recipient" {
		t.Errorf("a recipient that would undo the protection = %v, want vault.recipient", err)
	}
}

func TestBadKeys(t *testing.T) {
	good, recipient, err := vault.NewKey(false)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file string
		to   []string
		code string
	}{
		"empty":          {"", nil, "vault.key-file"},
		"comments":       {"# nothing\n", nil, "vault.key-file"},
		"recipient":      {recipient, nil, "vault.key-file"},
		"cut":            {good[:len(good)-2], nil, "vault.key-file"},
		"plugin":         {"AGE-PLUGIN-X-1AAAA", nil, "vault.key-file"},
		"bad recipient":  {good, []string{"age1nope"}, "vault.recipient"},
		"identity as to": {good, []string{good}, "vault.recipient"},
	} {
		_, err := vault.NewKeys([]byte(c.file), c.to)
		if problem(err) != c.code || strings.Contains(err.Error(), good[:20]) {
			t.Errorf("%s: NewKeys = %v, want %s and no secret told", name, err, c.code)
		}
	}
	var many []string
	for range sohoa.MaxRecipients {
		_, r, err := vault.NewKey(false)
		if err != nil {
			t.Fatal(err)
		}
		many = append(many, r)
	}
	if _, err := vault.NewKeys([]byte(good), many); problem(err) != "vault.recipients" {
		t.Errorf("NewKeys with %d recipients beside its own = %v, want vault.recipients", len(many), err)
	}
}

// TestPlugin keeps the key behind an age plugin, and takes the plugin away.
func TestPlugin(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "age-plugin-"+pluginName)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	key := filepath.Join(dir, "key")
	file, _, err := vault.NewKey(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(key, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	inner := local(t, filepath.Join(dir, "objects"))
	k := parsed(t, plugin.EncodeIdentity(pluginName, []byte(key)))
	s := open(t, inner, k)
	put(t, s, "a", []byte("secret"))
	if got := archivetest.ReadBlob(t, s, "a"); string(got) != "secret" {
		t.Errorf("read %q", got)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "b", strings.NewReader("x")); problem(err) != "vault.keeper" || !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Put without what keeps the key = %v, want vault.keeper", err)
	}
	if _, err := vault.Open(t.Context(), inner, k); problem(err) != "vault.keeper" {
		t.Errorf("Open without what keeps the key = %v, want vault.keeper", err)
	}
}
