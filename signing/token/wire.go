package token

import (
	"crypto"

	"sohoa"
)

// role is the child process that holds the module.
const role = "pkcs11"

// request is what the child is asked. Each says all of it, since the child
// that gets it may be a new one.
type request struct {
	Module string
	Token  tokenID
	PIN    string
	ID     []byte // of the keys to list; empty is any
	Object string // label that keys are listed by first
	Sign   *order // nil lists
}

// tokenID says which token is meant; empty fields match any.
type tokenID struct {
	Label, Manufacturer, Model, Serial string
	Slot                               *uint64
	Name                               string // for messages
}

// order asks for one signature.
type order struct {
	Public []byte // SHA-256 of the PKIX form of the key's public half
	Digest []byte
	Hash   crypto.Hash
	PSS    bool
	Salt   int // bytes, for PSS
}

// reply is what the child answers.
type reply struct {
	Problem      *sohoa.Problem `json:",omitempty"`
	Keys         []keyObject    `json:",omitempty"`
	Certificates []certObject   `json:",omitempty"`
	Value        []byte         `json:",omitempty"`
}

// keyObject is a key in the token.
type keyObject struct {
	ID     []byte
	Label  string
	Public []byte // PKIX
}

// certObject is a certificate in the token.
type certObject struct {
	Label string
	DER   []byte
}
