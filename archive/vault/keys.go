package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"sohoa"
)

// Keys are what a vault encrypts to and decrypts with. Both interfaces have one
// method, which wraps or unwraps the key of one file: a key management
// service is another implementation of them.
type Keys struct {
	To    []age.Recipient // each can read new blobs; with none they are not encrypted
	From  []age.Identity  // read what is encrypted
	Names []string        // of To, as text
	Own   []string        // recipients of From, as text
}

// NewKeys reads a file of age identities, one a line, of which the first is
// the present one and others are of earlier times. New blobs are encrypted to
// its recipient and to those in to. A file that is none is the Problem
// "vault.key-file", a recipient that is none "vault.recipient".
func NewKeys(file []byte, to []string) (Keys, error) {
	var k Keys
	for line := range bytes.Lines(file) {
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		own, err := k.addIdentity(text)
		if err != nil {
			return k, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "vault.key-file", Detail: err.Error()}
		}
		k.Own = append(k.Own, own)
	}
	if len(k.From) == 0 {
		return k, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "vault.key-file", Detail: "it has no identity"}
	}
	err := k.addRecipients(to)
	return k, err
}

// addIdentity adds a line of a key file and returns its recipient. That of
// the first line is what new blobs are encrypted to.
func (k *Keys) addIdentity(line string) (own string, err error) {
	var to age.Recipient
	var from age.Identity
	if strings.HasPrefix(line, "AGE-PLUGIN-") {
		var i *plugin.Identity
		if i, err = plugin.NewIdentity(line, noUI); err != nil {
			return "", errors.New("an identity of a plugin is malformed") // its error may quote it
		}
		from, to, own = keeper{i}, wrapper{i.Recipient()}, i.Name()
	} else {
		var native []age.Identity
		if native, err = age.ParseIdentities(strings.NewReader(line)); err != nil {
			return "", errors.New("a line is no identity")
		}
		from = native[0]
		to, own, err = recipientOf(from)
	}
	if err != nil {
		return "", err
	}
	if len(k.From) == 0 {
		k.To, k.Names = []age.Recipient{to}, []string{own}
	}
	k.From = append(k.From, from)
	return own, nil
}

func recipientOf(i age.Identity) (age.Recipient, string, error) {
	switch i := i.(type) {
	case *age.X25519Identity:
		return i.Recipient(), i.Recipient().String(), nil
	case *age.HybridIdentity:
		return i.Recipient(), i.Recipient().String(), nil
	}
	return nil, "", fmt.Errorf("identities of type %T are not known", i)
}

// addRecipients adds those who can read new blobs beside the key itself.
func (k *Keys) addRecipients(to []string) error {
	for _, name := range to {
		if slices.Contains(k.Names, name) {
			continue
		}
		r, err := parseRecipient(name)
		if err != nil && strings.HasPrefix(name, "AGE-") {
			name, err = name[:10]+"...", errors.New("it is an identity, which is secret")
		}
		if err != nil {
			return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "vault.recipient", Args: []string{name}, Detail: err.Error()}
		}
		k.To, k.Names = append(k.To, r), append(k.Names, name)
	}
	if len(k.To) > sohoa.MaxRecipients {
		return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "vault.recipients", Args: []string{fmt.Sprint(sohoa.MaxRecipients)}}
	}
	// Recipients that may not stand beside each other are found here.
	if _, err := age.EncryptReader(strings.NewReader(""), k.To...); err != nil {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "vault.recipient", Args: []string{strings.Join(k.Names, ", ")}, Detail: err.Error()}
	}
	return nil
}

// parseRecipient reads a recipient of age itself or of a plugin.
func parseRecipient(name string) (age.Recipient, error) {
	native, err := age.ParseRecipients(strings.NewReader(name))
	if err == nil {
		return native[0], nil
	}
	r, bad := plugin.NewRecipient(name, noUI)
	if bad != nil {
		return nil, err
	}
	return wrapper{r}, nil
}

// ReadOnly are the keys with which nothing new is encrypted.
func (k Keys) ReadOnly() Keys {
	k.To, k.Names = nil, nil
	return k
}

// NewKey makes an age identity, as a key file has it, and its recipient. That
// of a key that withstands quantum computers needs age 1.3 or newer to be used.
func NewKey(postQuantum bool) (file, recipient string, err error) {
	if postQuantum {
		i, err := age.GenerateHybridIdentity()
		if err != nil {
			return "", "", err
		}
		return i.String(), i.Recipient().String(), nil
	}
	i, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return i.String(), i.Recipient().String(), nil
}

// open unwraps the file key of a header.
func (k Keys) open(header []byte) ([]byte, error) {
	if len(k.From) == 0 {
		return nil, &age.NoIdentityMatchError{}
	}
	return age.DecryptHeader(header, k.From...)
}

// decrypt reads an encrypted file.
func (k Keys) decrypt(r io.Reader) (io.Reader, error) {
	if len(k.From) == 0 {
		return nil, &age.NoIdentityMatchError{}
	}
	return age.Decrypt(r, k.From...)
}

// noUI is for plugins that would like to talk to a person: nobody is there.
var noUI = &plugin.ClientUI{}

// keeper is an identity that a plugin keeps: what goes wrong in it says
// nothing about the file.
type keeper struct{ *plugin.Identity }

func (k keeper) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	key, err := k.Identity.Unwrap(stanzas)
	if err != nil && !errors.Is(err, age.ErrIncorrectIdentity) {
		err = unwrapped(err)
	}
	return key, err
}

// wrapper is a recipient of a plugin.
type wrapper struct{ *plugin.Recipient }

func (w wrapper) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	stanzas, _, err := w.WrapWithLabels(fileKey)
	return stanzas, err
}

func (w wrapper) WrapWithLabels(fileKey []byte) ([]*age.Stanza, []string, error) {
	stanzas, labels, err := w.Recipient.WrapWithLabels(fileKey)
	if err != nil {
		err = unwrapped(err)
	}
	return stanzas, labels, err
}
