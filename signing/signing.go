// Package signing signs PDFs as PAdES baseline says (ETSI EN 319 142-1), adds
// timestamps and the evidence that lets them be checked offline in decades, and
// loads keys.
//
// Signing has two phases, so that neither a thread nor a document waits for a
// PIN. Prepare decides everything and returns a Prepared: a small record that
// survives a restart, and the bytes that the key must sign. Complete takes the
// signature value and returns what is to be appended to the file. Sign is both
// in a row for a key that is at hand.
//
// What holds for every signature made here:
//
//   - The file grows at its end only; every byte of it stays, and with it every
//     earlier signature.
//   - A file that permits no further signature, or that programs would have to
//     repair before they read it, is refused with a Problem that says why.
//   - The level that is reported is the level reached. Without its timestamp a
//     signature is B-B, without evidence B-T, and TimestampProblem or
//     EvidenceProblem says what is missing.
//   - Nothing is trusted that the caller did not name: no system store.
//
// Documents are read in place and never held in memory.
package signing

import (
	"crypto/x509"
	"time"

	"sohoa"
	"sohoa/signing/evidence"
	"sohoa/signing/mark"
)

// Level is a PAdES baseline level.
type Level string

// The levels.
const (
	LevelB   Level = "B-B"   // signature
	LevelT   Level = "B-T"   // with a signature timestamp
	LevelLT  Level = "B-LT"  // with the evidence to check it offline
	LevelLTA Level = "B-LTA" // with a document timestamp over that
)

// ParseLevel reads a level by its name.
func ParseLevel(s string) (Level, error) {
	switch l := Level(s); l {
	case LevelB, LevelT, LevelLT, LevelLTA:
		return l, nil
	}
	return "", problem(sohoa.ErrInvalid, "sign.level", s)
}

// Request says how to sign. The zero value asks for an invisible B-B signature
// in a new field.
type Request struct {
	Level    Level      // "" is LevelB
	Field    string     // an empty signature field to fill, or the name of a new one; "" makes up a name
	Name     string     // of the signer, as people see it; "" is left out
	Reason   string     // "" is left out
	Location string     // "" is left out
	Time     time.Time  // claimed time of signing, /M; zero is now
	PSS      bool       // RSASSA-PSS instead of PKCS #1 v1.5 with RSA keys
	Reserve  int        // bytes kept for the CMS object; 0 computes them
	Mark     *mark.Mark // what the page shows; its name and time are the signer's and Time where it leaves them open; nil shows nothing

	// Base was noted of the document; nil reads all of it. So does one that
	// another version of this package wrote.
	Base *Base

	// Evidence collects what B-LT and B-LTA need; Sign asks it.
	Evidence *evidence.Collector
}

// Result says what became of a signature or a timestamp.
type Result struct {
	Level            Level          // reached
	Field            string         // full name of the signature field
	Size             int64          // of the signed file, bytes
	TimestampTime    time.Time      // what the timestamp states; zero without one
	TimestampProblem *sohoa.Problem // why a timestamp that was asked for is missing
	EvidenceProblem  *sohoa.Problem // why evidence that was asked for is missing
}

// minRSABits is the least that Vietnamese rules and ours accept
// (TT 15/2025/TT-BKHCN).
const minRSABits = 2048

// problem makes a Problem.
func problem(kind error, code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: kind, Code: code, Args: args}
}

// detailed is problem with err as detail for operators.
func detailed(kind error, code string, err error, args ...string) *sohoa.Problem {
	p := problem(kind, code, args...)
	p.Detail = err.Error()
	return p
}

// name is what to call a certificate's subject.
func name(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}
