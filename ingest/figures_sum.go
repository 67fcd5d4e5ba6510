package ingest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"sohoa"
	"sohoa/archive"
)

// summer sums the figures of agencies in the lines that are shown: the agency
// at the top by itself, and those directly below it with all below them.
type summer struct {
	f      *Figures
	total  *FigureLine
	parent map[string]string
	name   map[string]string
	lines  map[string]*FigureLine // by the agency whose line it is
	joined map[string]map[string]bool
}

func newSummer(f *Figures, all []sohoa.Agency) *summer {
	s := &summer{f: f, total: &FigureLine{}, parent: map[string]string{}, name: map[string]string{}, lines: map[string]*FigureLine{}, joined: map[string]map[string]bool{}}
	known := map[string]bool{}
	for _, a := range f.Agencies {
		known[a.Code] = true
	}
	for _, a := range all {
		s.name[a.Code] = a.Name
		if known[a.Parent] {
			s.parent[a.Code] = a.Parent
		}
	}
	return s
}

// line is the line that an agency is summed in.
func (s *summer) line(agency string) *FigureLine {
	code := agency
	for range len(s.parent) { // a circle ends too
		above, has := s.parent[code]
		if !has || code == s.f.Agency.Code || above == s.f.Agency.Code {
			break
		}
		code = above
	}
	l := s.lines[code]
	if l == nil {
		l = &FigureLine{Code: code, Name: cmp.Or(s.name[code], code)}
		s.lines[code], s.joined[code] = l, map[string]bool{}
	}
	if agency != code {
		s.joined[code][agency] = true
	}
	return l
}

// finish puts the lines in order, and works out the total and the percentiles.
func (s *summer) finish(at span) {
	for _, code := range slices.Sorted(maps.Keys(s.lines)) {
		l := s.lines[code]
		l.From, l.Until = at.line().From, at.line().Until
		l.Below = len(s.joined[code])
		l.Own = code == s.f.Agency.Code && len(s.lines) > 1
		l.measure()
		s.total.add(l.FigureCount)
		s.f.Lines = append(s.f.Lines, *l)
	}
	s.total.From, s.total.Until = at.line().From, at.line().Until
	s.total.measure()
	s.f.Total = *s.total
}

// add adds counts; those of different dossiers.
func (l *FigureLine) add(n archive.FigureCount) {
	c := &l.FigureCount
	for _, p := range []struct {
		to *int
		n  int
	}{
		{&c.Received, n.Received}, {&c.Ended, n.Ended}, {&c.Components, n.Components}, {&c.Results, n.Results}, {&c.Digitised, n.Digitised},
		{&c.Sealed, n.Sealed}, {&c.Reusing, n.Reusing}, {&c.ResultFiles, n.ResultFiles}, {&c.BornFiles, n.BornFiles}, {&c.SealedFiles, n.SealedFiles},
		{&c.Documents, n.Documents}, {&c.Working, n.Working}, {&c.Parked, n.Parked}, {&c.Kept, n.Kept}, {&c.Pages, n.Pages},
	} {
		*p.to += p.n
	}
}

// took adds waits of one length.
func (l *FigureLine) took(n archive.WaitCount) {
	if l.lengths == nil {
		l.lengths = map[archive.WaitKind]map[int]int{}
	}
	if l.lengths[n.Kind] == nil {
		l.lengths[n.Kind] = map[int]int{}
	}
	l.lengths[n.Kind][n.Seconds] += n.N
}

// waits adds what waits now.
func (l *FigureLine) waits(n archive.WaitingCount) {
	if l.Waiting == nil {
		l.Waiting = map[archive.WaitKind]Waiting{}
	}
	w := l.Waiting[n.Kind]
	if w.N == 0 || n.Oldest.Before(w.Oldest) {
		w.Oldest = n.Oldest
	}
	w.N += n.N
	l.Waiting[n.Kind] = w
}

// judged adds what samples came to.
func (l *FigureLine) judged(n archive.QualityCount) {
	q := &l.Quality
	q.Documents, q.DocumentsGood, q.Pages, q.PagesGood, q.Due = q.Documents+n.Documents, q.DocumentsGood+n.DocumentsGood, q.Pages+n.Pages, q.PagesGood+n.PagesGood, q.Due+n.Due
}

// measure works out the percentiles of waits: nearest rank.
func (l *FigureLine) measure() {
	l.Waits = map[archive.WaitKind]Wait{}
	for kind, lengths := range l.lengths {
		w := Wait{}
		for _, n := range lengths {
			w.N += n
		}
		w.Median, w.P90 = percentile(lengths, (w.N+1)/2), percentile(lengths, (9*w.N+9)/10)
		l.Waits[kind] = w
	}
}

// percentile is the length of the n-th wait, the shortest being the first.
func percentile(lengths map[int]int, n int) time.Duration {
	for _, seconds := range slices.Sorted(maps.Keys(lengths)) {
		if n -= lengths[seconds]; n <= 0 {
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}
