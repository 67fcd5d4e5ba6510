package web

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"sohoa"
)

// Charts are drawn here, as SVG without script or style: shapes and patterns
// carry what colour does, every value stands beside its mark, and the template
// adds a summary in words. The numbers are in a table on the same page.

// The measures of charts, in units of their view boxes.
const (
	chartWidth   = 460
	barRow       = 46 // height of one bar with its label
	barHeight    = 16
	barLeft      = 4
	barSpan      = 350 // width of 100 %
	plotHeight   = 190
	plotLeft     = 34
	plotRight    = 96 // for the names of lines
	plotTop      = 14
	plotBottom   = 30
	maxBars      = 30
	maxLabel     = 52 // runes of a label
	labelGap     = 15 // between names of lines
	maxTickCount = 7  // names along the axis of time
)

// barChart is a share a line.
type barChart struct {
	ID, Title, Summary string
	Height             int
	Bars               []bar
	Mark               int // x of full marks
	MarkText           string
	Left               int // where bars begin
}

// bar is one share.
type bar struct {
	Label, Value     string
	TextY, Y         int
	Width, Height, X int
	ValueX           int
	Full             bool // earns full marks; drawn solid, others hatched
}

// newBarChart draws shares in percent. More than maxBars are left to the table.
func newBarChart(id, title string, mark int, lang sohoa.Lang) *barChart {
	return &barChart{ID: id, Title: title, Left: barLeft, Mark: barLeft + barSpan*mark/100, MarkText: percentage(float64(mark)/100, lang), Height: 26}
}

// add adds a bar; one of nothing is none.
func (c *barChart) add(label string, n, of, full int, lang sohoa.Lang) {
	if of == 0 || len(c.Bars) == maxBars {
		return
	}
	y := 22 + len(c.Bars)*barRow
	b := bar{Label: shortened(label), TextY: y + 14, Y: y + 20, X: barLeft, Width: barSpan * n / of, Height: barHeight, Full: 100*n >= full*of}
	b.Value = percentage(float64(n)/float64(of), lang)
	b.ValueX = barLeft + b.Width + 6
	c.Bars = append(c.Bars, b)
	c.Height = y + barRow + 6
}

func shortened(s string) string {
	if utf8.RuneCountInString(s) <= maxLabel {
		return s
	}
	return string([]rune(s)[:maxLabel-1]) + "…"
}

// lineChart is shares over time.
type lineChart struct {
	ID, Title, Summary string
	Width, Height      int
	Grid               []gridLine
	Ticks              []tick
	Lines              []plotted
	Left, Right        int
	Bottom             int
}

// gridLine is a level of the plot.
type gridLine struct {
	Y, TextY int
	Text     string
}

// tick is a name on the axis of time.
type tick struct {
	X    int
	Text string
}

// plotted is one line: points joined, each with a mark of the line's shape.
type plotted struct {
	Name   string
	Shape  string // "circle", "square", "triangle"
	Dash   string // lengths of dashes; empty is a whole line
	Points string
	Marks  []plotMark
	LabelX int
	LabelY int
}

// plotMark is a value. Poly are the corners of a triangle.
type plotMark struct {
	X, Y int
	Poly string
	Text string
}

// shapes and dashes tell lines apart.
var (
	shapes = []string{"circle", "square", "triangle"}
	dashes = []string{"", "7 4", "2 4"}
)

// newLineChart draws a plot of 0 to 100 % with names of steps.
func newLineChart(id, title string, steps []string) *lineChart {
	c := &lineChart{ID: id, Title: title, Width: chartWidth, Height: plotTop + plotHeight + plotBottom, Left: plotLeft, Right: chartWidth - plotRight, Bottom: plotTop + plotHeight}
	for level := 0; level <= 100; level += 20 {
		y := c.y(level, 100)
		c.Grid = append(c.Grid, gridLine{y, y + 4, strconv.Itoa(level)})
	}
	every := (len(steps) + maxTickCount - 1) / maxTickCount
	for i := 0; i < len(steps); i += max(every, 1) {
		c.Ticks = append(c.Ticks, tick{c.x(i, len(steps)), steps[i]})
	}
	return c
}

func (c *lineChart) x(i, n int) int {
	if n < 2 {
		return (c.Left + c.Right) / 2
	}
	return c.Left + 6 + (c.Right-c.Left-12)*i/(n-1)
}

func (c *lineChart) y(n, of int) int { return c.Bottom - plotHeight*n/of }

// add adds a line; steps of which there is nothing have no mark.
func (c *lineChart) add(name string, values [][2]int, lang sohoa.Lang) {
	i := len(c.Lines) % len(shapes)
	l := plotted{Name: name, Shape: shapes[i], Dash: dashes[i], LabelX: c.Right + 8}
	var points []string
	for n, v := range values {
		if v[1] == 0 {
			continue
		}
		m := plotMark{X: c.x(n, len(values)), Y: c.y(v[0], v[1]), Text: percentage(float64(v[0])/float64(v[1]), lang)}
		m.Poly = fmt.Sprintf("%d,%d %d,%d %d,%d", m.X, m.Y-6, m.X-6, m.Y+5, m.X+6, m.Y+5)
		l.Marks = append(l.Marks, m)
		points = append(points, fmt.Sprintf("%d,%d", m.X, m.Y))
		l.LabelY = m.Y + 4
	}
	if l.Points = strings.Join(points, " "); l.Points != "" {
		c.Lines = append(c.Lines, l)
		c.spread()
	}
}

// spread moves the names of lines apart, those lower on the plot further down.
func (c *lineChart) spread() {
	last := &c.Lines[len(c.Lines)-1]
	for moved := true; moved; {
		moved = false
		for i := range c.Lines[:len(c.Lines)-1] {
			if d := last.LabelY - c.Lines[i].LabelY; d > -labelGap && d < labelGap {
				last.LabelY, moved = c.Lines[i].LabelY+labelGap, true
			}
		}
	}
}
