package journal

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"

	"sohoa"
)

// Head is the root of the tree over the first Size entries.
type Head struct {
	Origin string // which journal, see Origin
	Size   uint64
	Root   sohoa.Digest
}

// originPrefix leads the names of journals.
const originPrefix = "sohoa/journal/"

// Origin names the journal that begins with an entry of this hash.
func Origin(first sohoa.Digest) string { return originPrefix + first.String()[:16] }

// Text is the head as it is read, copied and timestamped: three lines, origin,
// size and root in base64, as the body of a checkpoint (c2sp.org/tlog-checkpoint).
func (h Head) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", h.Origin, h.Size, base64.StdEncoding.EncodeToString(h.Root[:]))
}

// Signed is a head with the timestamp over its text.
type Signed struct {
	Head
	Token []byte // RFC 3161; nil if there is none
}

// stampLine leads the line of a head's timestamp.
const stampLine = "— timestamp "

// File is the head's text and, if there is one, below a blank line its
// timestamp, in the form of a signed note (c2sp.org/signed-note).
func (s Signed) File() string {
	if len(s.Token) == 0 {
		return s.Text()
	}
	return s.Text() + "\n" + stampLine + base64.StdEncoding.EncodeToString(s.Token) + "\n"
}

// malformed is the Problem of a file that is no head or no proof.
func malformed(format string, args ...any) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "journal.file", Detail: fmt.Sprintf(format, args...)}
}

// ParseHead reads a head as File writes it. Since people copy heads by hand,
// blanks around lines, line ends of other systems and a missing last one do
// not matter; other lines after the blank one are signatures of others, and
// left out. It is the Problem "journal.file" if it is none.
func ParseHead(b []byte) (Signed, error) {
	if len(b) > sohoa.MaxJournalFile {
		return Signed{}, malformed("more than %d bytes", sohoa.MaxJournalFile)
	}
	lines := strings.Split(string(bytes.TrimSpace(b)), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
	}
	if len(lines) < 3 {
		return Signed{}, malformed("want three lines: origin, size, root")
	}
	s := Signed{Head: Head{Origin: lines[0]}}
	if !isOrigin(s.Origin) {
		return s, malformed("line 1: %.80q names no journal", s.Origin)
	}
	var err error
	if s.Size, err = strconv.ParseUint(lines[1], 10, 64); err != nil || s.Size == 0 || s.Size > math.MaxInt64/4 || strconv.FormatUint(s.Size, 10) != lines[1] {
		return s, malformed("line 2: %.80q is not the number of entries", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(s.Root) {
		return s, malformed("line 3: %.80q is not a root in base64", lines[2])
	}
	s.Root = sohoa.Digest(root)
	return s, s.parseSignatures(lines[3:])
}

func isOrigin(s string) bool {
	hex, ok := strings.CutPrefix(s, originPrefix)
	return ok && len(hex) == 16 && strings.Trim(hex, "0123456789abcdef") == ""
}

// parseSignatures reads what stands below the text.
func (s *Signed) parseSignatures(lines []string) error {
	for i, l := range lines {
		if i == 0 && l != "" {
			return malformed("line 4: want a blank line")
		}
		encoded, ok := strings.CutPrefix(l, stampLine)
		if !ok {
			continue
		}
		if s.Token != nil {
			return malformed("it has two timestamps")
		}
		token, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(token) == 0 || len(token) > sohoa.MaxTSABytes {
			return malformed("its timestamp is not base64")
		}
		s.Token = token
	}
	return nil
}
