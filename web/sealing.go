package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"

	"sohoa"
	"sohoa/search"
)

// sealing seals what stands in addresses and events but is not for whoever
// reads them there: queries with identity numbers, which would stay in
// histories and logs, and places in the journal, which would tell how much
// others do. It opens for the same user alone. It is AES-256-GCM (NIST SP
// 800-38D) with a nonce at random: the same sealed twice looks different.
type sealing struct {
	aead cipher.AEAD
	user string
}

func (s *Server) sealing(ctx context.Context) (sealing, error) {
	key, err := s.secret(ctx, "addresses")
	if err != nil {
		return sealing{}, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealing{}, fmt.Errorf("seal addresses: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealing{aead, userOf(ctx).Name}, err
}

// seal writes text as a token of letters, digits, - and _.
func (s sealing) seal(use, text string) string {
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, []byte(text), s.bound(use)))
}

// open reads a token; false if the user has none such.
func (s sealing) open(use, token string) (string, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", false
	}
	text, err := s.aead.Open(nil, nil, b, s.bound(use))
	return string(text), err == nil
}

func (s sealing) bound(use string) []byte { return []byte(use + "\x00" + s.user) }

// What is sealed: a query, and an entry of the journal.
const (
	sealedQuery = "query"
	sealedPlace = "place"
)

// set puts what was typed into an address: under name as it was typed, so that
// it can be handed on, or under sealed if there is an identity number in it.
// Of nobody, the latter is left out.
func (s sealing) set(q url.Values, name, text string) {
	_, identities := search.Privacy{}.Query(text) // what is a number does not depend on the key
	switch {
	case text == "":
	case len(identities) == 0:
		q.Set(name, text)
	case s.user != "":
		q.Set(sealedParam, s.seal(sealedQuery, text))
	}
}

// sealedParam holds a sealed query in an address.
const sealedParam = "sealed"

// get reads what set wrote; empty if it is sealed for somebody else.
func (s sealing) get(q url.Values, name string) string {
	if !q.Has(sealedParam) {
		return clean(q.Get(name))
	}
	text, _ := s.open(sealedQuery, q.Get(sealedParam))
	return text
}

// place seals the number of an entry of the journal. All are equally long.
func (s sealing) place(seq uint64) string { return s.seal(sealedPlace, fmt.Sprintf("%020d", seq)) }

// placed reads what place wrote; of anything else it is "events.place".
func (s sealing) placed(token string) (uint64, error) {
	if text, ok := s.open(sealedPlace, token); ok {
		return strconv.ParseUint(text, 10, 64)
	}
	return 0, newProblem(sohoa.ErrInvalid, "events.place")
}
