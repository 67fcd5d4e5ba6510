package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // RFC 6238 as programs on phones know it
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

	"sohoa"
	"sohoa/archive"
)

// Parameters of codes: those that every program on phones knows (RFC 6238, 4
// and 5.2).
const (
	totpStep   = 30 * time.Second
	totpDrift  = 1  // steps that a phone's clock may be off, either way
	totpDigits = 6  // of a code
	totpBytes  = 20 // of a secret (RFC 4226, 4)
)

// One-time codes for when the phone is gone: 12 of 32 letters are 60 bits.
const (
	recoveryCodes   = 10
	recoveryLetters = 12
	recoveryGroup   = 4
	recoveryAlpha   = "abcdefghijkmnpqrstuvwxyz23456789" // 32, without l, o, 0 and 1, which look alike
)

// totpAt is the code of a step (RFC 4226, 5.3).
func totpAt(secret []byte, step int64) string {
	m := hmac.New(sha1.New, secret)
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, n%1_000_000)
}

// totpMatch finds the step of a code around now that is newer than after;
// false if there is none.
func totpMatch(secret []byte, code string, now time.Time, after int64) (step int64, ok bool) {
	current := now.Unix() / int64(totpStep/time.Second)
	for step := current - totpDrift; step <= current+totpDrift; step++ {
		if step > after && hmac.Equal([]byte(totpAt(secret, step)), []byte(code)) {
			return step, true
		}
	}
	return 0, false
}

// factorKey is the key of what is kept about second factors.
func (s *Server) factorKey(ctx context.Context) ([]byte, error) {
	if len(s.cfg.FactorKey) > 0 {
		return s.cfg.FactorKey, nil
	}
	return s.secret(ctx, "factors")
}

// factorBox encrypts what is kept (AES-256-GCM, a nonce at random).
func (s *Server) factorBox(ctx context.Context) (cipher.AEAD, error) {
	key, err := s.factorKey(ctx)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key of second factors: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// sealTOTP encrypts a secret, for use and user alone.
func (s *Server) sealTOTP(ctx context.Context, use, user string, secret []byte) ([]byte, error) {
	box, err := s.factorBox(ctx)
	if err != nil {
		return nil, err
	}
	return box.Seal(nil, nil, secret, []byte(use+"\x00"+user)), nil
}

// openTOTP is the inverse. Under another key it is "totp.key".
func (s *Server) openTOTP(ctx context.Context, use, user string, sealed []byte) ([]byte, error) {
	box, err := s.factorBox(ctx)
	if err != nil {
		return nil, err
	}
	secret, err := box.Open(nil, nil, sealed, []byte(use+"\x00"+user))
	if err != nil {
		return nil, newProblem(sohoa.ErrInvalid, "totp.key")
	}
	return secret, nil
}

// What a secret is sealed for: to be kept, and to come back with the form by
// which it is set up.
const (
	useKept  = "totp"
	useOffer = "totp-offer"
)

// newRecovery makes one-time codes, and what is kept of them.
func (s *Server) newRecovery(ctx context.Context, user string) (codes []string, kept []sohoa.Digest, err error) {
	key, err := s.factorKey(ctx)
	if err != nil {
		return nil, nil, err
	}
	for range recoveryCodes {
		b := make([]byte, recoveryLetters)
		rand.Read(b) // never fails since Go 1.24
		var code strings.Builder
		for i, c := range b {
			if i > 0 && i%recoveryGroup == 0 {
				code.WriteByte('-')
			}
			code.WriteByte(recoveryAlpha[c%32])
		}
		codes = append(codes, code.String())
		kept = append(kept, recoveryHash(key, user, plainCode(code.String())))
	}
	return codes, kept, nil
}

func recoveryHash(key []byte, user, code string) sohoa.Digest {
	return sohoa.Digest(linkMAC(key, []byte("recovery\x00"+user+"\x00"+code)))
}

// plainCode is a code as it is checked, however it was typed.
func plainCode(typed string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return r == ' ' || r == '-' || r == '\u00a0' }), ""))
}

// How somebody signed in beside the password.
const (
	byPassword = "password"
	byCode     = "code"
	byRecovery = "recovery"
	byPasskey  = "passkey"
	bySignOn   = "sign-on"
	byLink     = "link"
)

// useCode uses a code of user up, in a transaction that ends here. A wrong one
// is "user.code".
func (s *Server) useCode(ctx context.Context, user, typed string) (by string, err error) {
	code := plainCode(typed)
	if _, err := s.factorKey(ctx); err != nil {
		return "", err // made before the transaction, which it could not be made in
	}
	err = s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		f, err := lockedFactors(tx, user)
		if err != nil {
			return err
		}
		if by, err = s.matchCode(ctx, &f, code); err != nil {
			return err
		}
		return tx.PutFactors(f)
	})
	return by, err
}

// matchCode finds what a code is, and marks it used in f.
func (s *Server) matchCode(ctx context.Context, f *archive.Factors, code string) (by string, err error) {
	wrongCode := newProblem(sohoa.ErrForbidden, "user.code")
	if len(code) == totpDigits && f.TOTP != nil {
		secret, err := s.openTOTP(ctx, useKept, f.User, f.TOTP.Sealed)
		if err != nil {
			return "", err
		}
		step, ok := totpMatch(secret, code, s.cfg.Now(), f.TOTP.Step)
		if !ok {
			return "", wrongCode
		}
		f.TOTP.Step = step
		return byCode, nil
	}
	key, err := s.factorKey(ctx)
	if err != nil {
		return "", err
	}
	want := recoveryHash(key, f.User, code)
	for i, h := range f.Recovery {
		if hmac.Equal(h[:], want[:]) {
			f.Recovery = append(append([]sohoa.Digest{}, f.Recovery[:i]...), f.Recovery[i+1:]...)
			return byRecovery, nil
		}
	}
	return "", wrongCode
}

// lockedFactors are those of a user, whom no other transaction changes until
// this one ends.
func lockedFactors(tx archive.Tx, user string) (archive.Factors, error) {
	if _, err := tx.Credentials(user); err != nil {
		return archive.Factors{}, err
	}
	f, err := tx.Factors(user)
	if f.Handle == "" {
		f.Handle = rand.Text()
	}
	return f, err
}

// totpOffer is a new secret on its way to a phone.
type totpOffer struct {
	Secret string // in groups of four letters
	Sealed string // the same, to come back with the form
	Path   string // of the QR code's dark modules, in SVG
	Side   int    // of the code, in modules
	Link   string // opens the program on a phone that shows this page
}

func (s *Server) offerTOTP(ctx context.Context, user string, secret []byte) (*totpOffer, error) {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	sealed, err := s.sealTOTP(ctx, useOffer, user, secret)
	if err != nil {
		return nil, err
	}
	issuer := "sohoa"
	if host := hostOf(hostName(s.base(ctx))); host != "" {
		issuer += " " + host
	}
	q := url.Values{"secret": {text}, "issuer": {issuer}, "period": {"30"}, "digits": {"6"}, "algorithm": {"SHA1"}}
	link := "otpauth://totp/" + url.PathEscape(issuer+":"+user) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
	o := &totpOffer{Sealed: b64.EncodeToString(sealed), Link: link}
	for i := 0; i < len(text); i += 4 {
		o.Secret += text[i:min(i+4, len(text))] + " "
	}
	o.Secret = strings.TrimSpace(o.Secret)
	o.Path, o.Side, err = qrPath(link)
	return o, err
}

// hostName is the host of an address, without its port.
func hostName(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// qrPath draws a QR code with its quiet zone of 4 modules.
func qrPath(text string) (path string, side int, err error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, fmt.Errorf("QR code: %w", err)
	}
	const quiet = 4
	n := code.Bounds().Dx()
	var b strings.Builder
	for y := range n {
		for x := range n {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				b.WriteString("M" + strconv.Itoa(x+quiet) + " " + strconv.Itoa(y+quiet) + "h1v1h-1z")
			}
		}
	}
	return b.String(), n + 2*quiet, nil
}
