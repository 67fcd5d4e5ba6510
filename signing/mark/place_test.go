package mark_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"sohoa"
	"sohoa/signing/mark"
)

// pages are A4, upright and on its side, with their corner elsewhere.
func pages() []mark.Page {
	var out []mark.Page
	for _, rotate := range []int{0, 90, 180, 270, -90, 450} {
		for _, box := range []mark.Box{{0, 0, 595, 842}, {-50, 30, 545, 872}} {
			out = append(out, mark.Page{Box: box, Rotate: rotate})
		}
	}
	return out
}

func overlap(a, b mark.Rect) bool {
	return a.X < b.X+b.Width && b.X < a.X+a.Width && a.Y < b.Y+b.Height && b.Y < a.Y+a.Height
}

func near(a, b mark.Rect) bool {
	return math.Abs(a.X-b.X)+math.Abs(a.Y-b.Y)+math.Abs(a.Width-b.Width)+math.Abs(a.Height-b.Height) < 1e-6
}

// TestSeenAndBack wants every rectangle where it was.
func TestSeenAndBack(t *testing.T) {
	for _, p := range pages() {
		w, h := p.Size()
		r := mark.Rect{X: w / 5, Y: h / 7, Width: 100, Height: 40}
		b, _ := p.Place(r)
		if got := p.Seen(b); !near(got, r) {
			t.Errorf("Seen(Place(%v)) turned by %d = %v", r, p.Rotate, got)
		}
		if b[0] < p.Box[0] || b[1] < p.Box[1] || b[2] > p.Box[2] || b[3] > p.Box[3] {
			t.Errorf("Place(%v) turned by %d = %v, outside %v", r, p.Rotate, b, p.Box)
		}
	}
}

// TestMarksStandClear sets marks one after another on each page, as signing
// does, and wants none over another one.
func TestMarksStandClear(t *testing.T) {
	code := mark.Rect{X: 15, Y: 15, Width: 60, Height: 60}
	img := seal(t)
	marks := []*mark.Mark{
		{Kind: mark.KindOperator, Lines: []string{"Nguyễn Vĩnh Nghĩa"}, Avoid: []mark.Rect{code}},
		mark.Agency(mark.FormCopy, strings.Repeat("Ủy ban nhân dân ", 6), at),
		{Kind: mark.KindOperator, Lines: []string{strings.Repeat("Nguyễn ", 40)}, Avoid: []mark.Rect{code}},
		mark.Converted("Trung tâm Phục vụ hành chính công", at),
		mark.Certified(),
		{Lines: []string{"Tra cứu"}, QR: "https://kyso.example.vn/t/1", Avoid: []mark.Rect{code}},
		mark.Person(img), mark.Person(img), mark.Person(img),
	}
	for _, p := range pages() {
		taken := []mark.Rect{code}
		for i, m := range marks {
			r := p.Seen(draw(t, m, p).Rect)
			for _, o := range taken {
				if overlap(r, o) {
					t.Errorf("turned by %d: mark %d at %v lies over %v", p.Rotate, i, r, o)
				}
			}
			taken = append(taken, r)
			p.Taken = append(p.Taken, r)
		}
	}
}

// TestUnderTheCode wants the operator below the QR code of a printed paper
// (TT 01/2023), not beside it.
func TestUnderTheCode(t *testing.T) {
	m := mark.Operator("Nguyễn Vĩnh Nghĩa", at)
	m.Avoid = []mark.Rect{{X: 20, Y: 20, Width: 60, Height: 60}}
	for _, p := range pages() {
		if r := p.Seen(draw(t, m, p).Rect); math.Abs(r.X-20) > 1e-6 || r.Y < 80 || r.Y > 90 {
			t.Errorf("turned by %d the mark is at %v, want it at 20, 84", p.Rotate, r)
		}
	}
}

func TestFullCorner(t *testing.T) {
	p := sheet
	p.Taken = []mark.Rect{{Width: 595, Height: 842}}
	for _, m := range []*mark.Mark{mark.Operator("A", at), mark.Certified(), mark.Person(seal(t))} {
		if _, err := m.Draw(p); !errors.Is(err, mark.ErrNoRoom) {
			t.Errorf("Draw on a full page = %v, want ErrNoRoom", err)
		}
	}
}

// TestAt wants marks in the rectangle that was dragged.
func TestAt(t *testing.T) {
	at := mark.Rect{X: 300, Y: 500, Width: 180, Height: 60}
	for _, p := range pages() {
		for _, m := range []*mark.Mark{{Lines: []string{"Nguyễn"}, At: &at}, {Kind: mark.KindPerson, Image: seal(t), At: &at}} {
			r := p.Seen(draw(t, m, p).Rect)
			if r.X < at.X || r.Y < at.Y || r.X+r.Width > at.X+at.Width+1e-6 || r.Y+r.Height > at.Y+at.Height+1e-6 {
				t.Errorf("turned by %d the mark is at %v, want it in %v", p.Rotate, r, at)
			}
		}
	}
	for _, bad := range []mark.Rect{{X: -1, Width: 90, Height: 40}, {X: 600, Width: 90, Height: 40}, {Y: 810, Width: 90, Height: 40}, {X: 5, Y: 5},
		{X: 5, Y: 5, Width: -9, Height: 9}, {X: math.NaN(), Width: 90, Height: 40}, {Width: math.Inf(1), Height: 40}} {
		m := &mark.Mark{Lines: []string{"Nguyễn"}, At: &bad}
		if _, err := m.Draw(sheet); !errors.Is(err, mark.ErrOffPage) {
			t.Errorf("Draw at %v = %v, want ErrOffPage", bad, err)
		}
	}
}

// TestSealLiesOverTheSignature wants it in its real size, over the left third
// of the signature and as high as its middle.
func TestSealLiesOverTheSignature(t *testing.T) {
	const mm = 72 / 25.4
	for _, p := range pages() {
		w, h := p.Size()
		signature := mark.Rect{X: w - 200, Y: h - 200, Width: 120, Height: 60}
		p.Signature = &signature
		for _, side := range []float64{0, 35, 42} {
			m := mark.Seal(seal(t))
			m.Side = side
			if side == 0 {
				side = mark.SealSide
			}
			want := mark.Rect{X: signature.X + 40 - side*mm, Y: signature.Y + 30 - side*mm/2, Width: side * mm, Height: side * mm}
			if r := p.Seen(draw(t, m, p).Rect); !near(r, want) {
				t.Errorf("turned by %d a seal of %v mm is at %v, want %v", p.Rotate, side, r, want)
			}
		}
	}
	if _, err := mark.Seal(seal(t)).Draw(sheet); !errors.Is(err, mark.ErrNoSignature) {
		t.Errorf("Draw without a signature = %v, want ErrNoSignature", err)
	}
	small := mark.Seal(seal(t))
	small.At = &mark.Rect{X: 10, Y: 10, Width: 10, Height: 10}
	if _, err := small.Draw(sheet); !errors.Is(err, mark.ErrOffPage) {
		t.Errorf("Draw of a seal around 15, 15 = %v, want ErrOffPage: it keeps its size", err)
	}
}

func ExampleMark_Draw() {
	m := mark.Operator("Nguyễn Vĩnh Nghĩa", at)
	p := mark.Page{Box: mark.Box{0, 0, 595, 842}, Rotate: 90}
	d, err := m.Draw(p)
	if err != nil {
		fmt.Println(err)
		return
	}
	seen := p.Seen(d.Rect)
	fmt.Printf("%.0f points from the left, %.0f from the top\n", seen.X, seen.Y)
	// Output: 20 points from the left, 20 from the top
}

// TestCodesInPoints wants the code of a scan where the page shows it.
func TestCodesInPoints(t *testing.T) {
	text := sohoa.PageText{DPI: 200, Codes: []sohoa.Code{{Box: sohoa.Rect{X0: 100, Y0: 50, X1: 300, Y1: 250}}}}
	got := mark.Codes(text)
	if want := (mark.Rect{X: 36, Y: 18, Width: 72, Height: 72}); len(got) != 1 || !near(got[0], want) {
		t.Errorf("Codes = %v, want %v", got, want)
	}
}
