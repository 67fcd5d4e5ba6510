package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"

	"sohoa"
)

// Parameters of argon2id: the second recommendation of RFC 9106, 4, with two
// lanes, because offices run this on small machines.
const (
	argonLanes   = 2
	argonSaltLen = 16
	argonKeyLen  = 32
)

// What a new hash costs. Tests that sign hundreds of people in make it less.
var (
	argonMemory uint32 = 64 << 10 // KiB
	argonPasses uint32 = 3
)

// Bounds on passwords. Hashes with dearer parameters than these were not made
// by us and are refused.
const (
	minPasswordRunes = 10
	maxPasswordBytes = 1000
	maxArgonMemory   = 1 << 20 // KiB
	maxArgonPasses   = 20
)

// hashesAtOnce bounds the memory that password hashing takes.
const hashesAtOnce = 2

// b64 is the encoding of PHC strings.
var b64 = base64.RawStdEncoding

// hashPassword returns the PHC string of a password under a new salt.
func hashPassword(password string) string {
	salt := make([]byte, argonSaltLen)
	rand.Read(salt) // never fails since Go 1.24
	key := argon2.IDKey([]byte(password), salt, argonPasses, argonMemory, argonLanes, argonKeyLen)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// phc is a taken-apart PHC string.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// parsePHC reads "$argon2id$v=19$m=65536,t=3,p=2$salt$key".
func parsePHC(s string) (phc, error) {
	bad := fmt.Errorf("password hash: %w", sohoa.ErrInvalid)
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, bad
	}
	var h phc
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); n != 3 || err != nil {
		return phc{}, bad
	}
	var err1, err2 error
	h.salt, err1 = b64.DecodeString(part[4])
	h.key, err2 = b64.DecodeString(part[5])
	ok := err1 == nil && err2 == nil && h.lanes > 0 && h.passes > 0 && h.passes <= maxArgonPasses &&
		h.memory <= maxArgonMemory && len(h.salt) >= 8 && len(h.key) >= 16 && len(h.key) <= 64
	if !ok {
		return phc{}, bad
	}
	return h, nil
}

// dummyHash has our parameters and no password. Checking against it takes as
// long as checking against a real one, so that time does not tell which users
// exist.
var dummyHash = phc{memory: argonMemory, passes: argonPasses, lanes: argonLanes,
	salt: make([]byte, argonSaltLen), key: make([]byte, argonKeyLen)}

// checkPassword reports whether password belongs to the PHC string; an empty
// or unreadable one belongs to none. It waits while others are being checked.
func (s *Server) checkPassword(ctx context.Context, encoded, password string) (bool, error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	h, err := parsePHC(encoded)
	known := err == nil
	if !known {
		h = dummyHash
	}
	if len(password) > maxPasswordBytes {
		password, known = "", false
	}
	key := argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1 && known, nil
}
