package ocr

import (
	"unicode"

	"sohoa"
)

// How words are told from seals, signatures and dust that the engine took for
// words. Confidences are 0 to 100.
const (
	goodConf   = 85 // of words that are surely read the right way up
	enoughGood = 20 // letters in such words settle which way is up
	markConf   = 60 // of words without letters or digits, below which they are noise
	shortConf  = 30 // the same for words of up to shortWord letters and digits
	shortWord  = 2
	lineConf   = 40 // mean of a line's letters, below which the line is noise
)

// reading tells how well a page could be read.
type reading struct {
	letters int // and digits
	good    int // those in words of at least goodConf
}

func legibility(t sohoa.PageText) reading {
	var r reading
	for _, l := range t.Lines {
		for _, w := range l.Words {
			n := letters(w.Text)
			r.letters += n
			if w.Confidence >= goodConf && n > 1 {
				r.good += n
			}
		}
	}
	return r
}

// letters counts the letters and digits of s.
func letters(s string) int {
	n := 0
	for _, c := range s {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			n++
		}
	}
	return n
}

// sure reports whether the page was read the right way up, beyond doubt.
func (r reading) sure() bool { return r.good >= enoughGood && 2*r.good >= r.letters }

// withoutNoise drops words and lines that are no writing. It keeps long words
// however doubtful, because a wrong letter or two leaves them findable.
func withoutNoise(lines []sohoa.Line) []sohoa.Line {
	kept := make([]sohoa.Line, 0, len(lines))
	for _, l := range lines {
		if isNoise(l) {
			continue
		}
		words := l.Words[:0]
		for _, w := range l.Words {
			n := letters(w.Text)
			if n == 0 && w.Confidence < markConf || n <= shortWord && w.Confidence < shortConf {
				continue
			}
			words = append(words, w)
		}
		if l.Words = words; len(words) > 0 {
			kept = append(kept, l)
		}
	}
	return kept
}

// isNoise judges a whole line.
func isNoise(l sohoa.Line) bool {
	sum, n := 0.0, 0
	for _, w := range l.Words {
		k := letters(w.Text)
		sum += w.Confidence * float64(k)
		n += k
	}
	return n == 0 || sum < lineConf*float64(n)
}
