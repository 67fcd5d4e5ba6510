package mark

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// block is text broken into lines of one size.
type block struct {
	face          *face
	lines         []string
	size          float64
	width, height float64
}

// fit breaks lines to width, in the largest type in which they stay within
// height.
func fit(lines []string, width, height float64) (*block, error) {
	f, err := liberation()
	if err != nil {
		return nil, err
	}
	for size := fontSize; size >= minFontSize; size -= 0.5 {
		b := &block{face: f, size: size}
		for _, line := range lines {
			b.lines = append(b.lines, b.wrap(clean(line), width)...)
		}
		b.measure()
		if b.width <= width && b.height <= height && len(b.lines) > 0 {
			return b, nil
		}
	}
	return nil, noRoom(width, height)
}

// clean composes letters and makes every space and control a plain space.
func clean(s string) string {
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

func (b *block) measure() {
	for _, line := range b.lines {
		b.width = max(b.width, b.face.width(line, b.size))
	}
	b.height = b.size * leading * float64(len(b.lines))
}

// wrap breaks a line between words, and words that are too long anywhere.
func (b *block) wrap(line string, width float64) []string {
	var out []string
	current := ""
	for _, word := range strings.Fields(line) {
		joined := strings.TrimSpace(current + " " + word)
		if b.face.width(joined, b.size) <= width {
			current = joined
			continue
		}
		if current != "" {
			out = append(out, current)
		}
		var parts []string
		parts, current = b.split(word, width)
		out = append(out, parts...)
	}
	if current != "" {
		out = append(out, current)
	}
	return out
}

// split breaks a word into parts that fill width, and the rest.
func (b *block) split(word string, width float64) (full []string, rest string) {
	for _, r := range word {
		if rest != "" && b.face.width(rest+string(r), b.size) > width {
			full = append(full, rest)
			rest = ""
		}
		rest += string(r)
	}
	return full, rest
}

// write writes the operators that show the block, black, with its top left
// corner at (x, y), and returns the font for them.
func (b *block) write(c *bytes.Buffer, x, y float64) *Font {
	s := newSubset(b.face)
	fmt.Fprintf(c, "q\nBT\n/%s %s Tf\n0 g\n%s TL\n", FontName, number(b.size), number(b.size*leading))
	// The first baseline: the ascent below the top, the slack of the leading split.
	ascent := b.face.ascent * b.size / 1000
	slack := b.size*leading - (b.face.ascent-b.face.descent)*b.size/1000
	fmt.Fprintf(c, "%s %s Td\n", number(x), number(y-ascent-slack/2))
	for i, line := range b.lines {
		if i > 0 {
			c.WriteString("T*\n")
		}
		fmt.Fprintf(c, "<%x> Tj\n", s.encode(line))
	}
	c.WriteString("ET\nQ\n")
	return s.font()
}

func number(f float64) string {
	s := strings.TrimRight(fmt.Sprintf("%.3f", f), "0")
	return strings.TrimSuffix(s, ".")
}
