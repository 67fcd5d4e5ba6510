package ocr

import (
	"sohoa"
	"sohoa/ocr/layer"
	"sohoa/ocr/lept"
)

// What tests look at from outside.
var (
	ParseHOCR   = parseHOCR
	LeaderDots  = leaderDots
	DecodeJob   = decodeJob
	PageProblem = pageProblem
)

// EncodeJob is a page as it goes to the child.
func EncodeJob(p Page) ([]byte, error) { return jobOf(p, "").encode(p.Image) }

// Steps takes a page through everything but recognition, and calls done after
// each step.
func Steps(image []byte, f sohoa.Fidelity, done func(step string)) (sohoa.Treatment, error) {
	var none sohoa.Treatment
	scan, err := lept.Decode(image)
	if err != nil {
		return none, err
	}
	defer scan.Close()
	done("decode")
	s, err := newSheet(scan, 0)
	if err != nil {
		return none, err
	}
	defer s.Close()
	done("grey-mask-blank")
	turn, err := s.analyse(scan, done)
	if err != nil {
		return none, err
	}
	if _, err := thumbnail(scan, turn); err != nil {
		return none, err
	}
	done("thumb")
	t, err := layer.Take(layer.Page{Scan: scan, Ink: s.ink, Mask: s.mask, Small: s.small, DPI: s.dpi,
		Blank: s.blank, Stored: len(image), Halvings: s.halvings}, f)
	if err != nil {
		return none, err
	}
	defer t.Close()
	done("layers")
	return t.Layers.Treatment, nil
}

// analyse finds the turn, the skew and the codes.
func (s *sheet) analyse(scan *lept.Pix, done func(string)) (int, error) {
	turn, _, err := s.orientation()
	if err != nil {
		return 0, err
	}
	done("orientation")
	v, err := s.view(turn)
	if err != nil {
		return 0, err
	}
	defer v.Close()
	done("skew-straighten")
	_, err = s.codes(scan, turn)
	done("codes")
	return turn, err
}
