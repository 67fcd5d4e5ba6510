package main

import (
	"io"
	"os"
	"strconv"
	"time"

	"sohoa"
	"sohoa/signing/mark"
)

// markFlags say what a signature shows on the page, and where.
type markFlags struct {
	As    string    `placeholder:"KIND" help:"What the signature shows, where the rules want it: operator, copy, agency, attachment or converted (with --mark for what cannot be known: “Sao y”, a number), certified, or with --image: person, seal."`
	Mark  []string  `placeholder:"LINE" help:"Lines of the mark, the time below them; without --as top right on the first page."`
	Image string    `placeholder:"FILE.png" help:"Signature or seal, a PNG with a transparent background."`
	Page  string    `placeholder:"N|last" help:"Page of the mark; else it is where the mark belongs."`
	At    []float64 `placeholder:"X,Y,WIDTH,HEIGHT" help:"Rectangle for the mark, in points from the top left corner of the page as it is seen."`
	QR    string    `name:"qr" placeholder:"URL" help:"Address to show as a QR code beside the mark."`
}

// mark is the mark that the flags ask for, or nil.
func (f *markFlags) mark(now time.Time) (*mark.Mark, error) {
	if f.As == "" && len(f.Mark) == 0 && f.QR == "" && f.Image == "" {
		return nil, nil
	}
	m := &mark.Mark{Kind: mark.Kind(f.As), Lines: f.Mark, Time: now, QR: f.QR}
	if f.As == "" {
		m.Corner = mark.TopRight
		if len(f.Mark) > 0 {
			m.Lines = append(m.Lines, mark.Time(now))
		}
	}
	var err error
	if m.Page, err = f.page(); err != nil {
		return nil, err
	}
	if n := len(f.At); n == 4 {
		m.At = &mark.Rect{X: f.At[0], Y: f.At[1], Width: f.At[2], Height: f.At[3]}
	} else if n > 0 {
		return nil, mark.ErrOffPage
	}
	if f.Image != "" {
		if m.Image, err = readMarkImage(f.Image); err != nil {
			return nil, err
		}
	}
	return m, m.Check()
}

// page is the page that was asked for, 0 if none was.
func (f *markFlags) page() (int, error) {
	switch n, err := strconv.Atoi(f.Page); {
	case f.Page == "":
		return 0, nil
	case f.Page == "last":
		return mark.LastPage, nil
	case err == nil && n > 0:
		return n, nil
	}
	return 0, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.no-page"}
}

// readMarkImage reads a PNG file, no more of it than is permitted.
func readMarkImage(path string) (*mark.Image, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, openFailed(path, err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, sohoa.MaxMarkImageBytes+1))
	if err != nil {
		return nil, err
	}
	return mark.ReadImage(b)
}
