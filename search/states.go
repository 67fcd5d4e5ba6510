package search

import (
	"slices"
	"strings"
	"time"

	"sohoa"
	"sohoa/search/vi"
)

// The states by which documents are found and counted: of what is kept, its
// sohoa.Force by Life alone, and of the rest, one of these. A document has one
// on each day. What it will be later is known when it is indexed, and a query
// asks for a day, so that nothing has to be indexed anew at midnight.
const (
	stateProcessing = "processing" // on its way to being kept
	stateParked     = string(sohoa.StateParked)
)

// Values of FilterState that stand for several states.
const (
	stateKept  = string(sohoa.StateKept) // whatever its force
	stateEnded = "ended"                 // of force no more
)

// statesOf are the states that a value of FilterState stands for.
func statesOf(value string) []string {
	switch value {
	case stateKept:
		return append(statesOf(stateEnded), string(sohoa.ForceIn), string(sohoa.ForceNotYet))
	case stateEnded:
		return []string{string(sohoa.ForceExpired), string(sohoa.ForceRevoked), string(sohoa.ForceReplaced)}
	}
	return []string{value}
}

// stateWords are the values of FilterState by what people call them, glued.
var stateWords = map[string]string{
	"dangxuli": stateProcessing, "datiepnhan": stateProcessing, "moitiepnhan": stateProcessing, "danhan": stateProcessing, "dangdoc": stateProcessing, "dadoc": stateProcessing,
	"dunglai": stateParked, "dadung": stateParked, "bidung": stateParked, "loi": stateParked, "cholai": stateParked,
	"daluu": stateKept, "luu": stateKept, "luutru": stateKept, "daluutru": stateKept,
	"conhieuluc": string(sohoa.ForceIn), "hieuluc": string(sohoa.ForceIn),
	"chuahieuluc": string(sohoa.ForceNotYet), "chuacohieuluc": string(sohoa.ForceNotYet),
	"hethieuluc": stateEnded, "khongconhieuluc": stateEnded,
	"hethan": string(sohoa.ForceExpired), "hethanhieuluc": string(sohoa.ForceExpired), "quahan": string(sohoa.ForceExpired),
	"huy": string(sohoa.ForceRevoked), "dahuy": string(sohoa.ForceRevoked), "bihuy": string(sohoa.ForceRevoked), "huyhieuluc": string(sohoa.ForceRevoked),
	"thuhoi": string(sohoa.ForceRevoked), "dathuhoi": string(sohoa.ForceRevoked), "bithuhoi": string(sohoa.ForceRevoked), "huythuhoi": string(sohoa.ForceRevoked),
	"thaythe": string(sohoa.ForceReplaced), "duocthaythe": string(sohoa.ForceReplaced), "bithaythe": string(sohoa.ForceReplaced), "dathaythe": string(sohoa.ForceReplaced),
	"processing": stateProcessing, "accepted": stateProcessing, "reading": stateProcessing, "read": stateProcessing,
	"parked": stateParked, "kept": stateKept, "inforce": string(sohoa.ForceIn), "notyet": string(sohoa.ForceNotYet),
	"ended": stateEnded, "expired": string(sohoa.ForceExpired), "revoked": string(sohoa.ForceRevoked), "replaced": string(sohoa.ForceReplaced),
}

// stateNamed is the value of FilterState that t says.
func stateNamed(t vi.Text) (value string, ok bool) {
	value, ok = stateWords[strings.Join(folds(t.Tokens), "")]
	return value, ok
}

// The first and the last day, where there is none.
const (
	firstDay = "00000000"
	lastDay  = "99999999"
)

// period is a state and the days on which it holds, inclusive, YYYYMMDD.
type period struct{ state, from, until string }

// periods are the states of d, one after another. Each is there once at the
// most: what takes a document out of force lasts.
func periods(d PageDoc) []period {
	switch d.State {
	case sohoa.StateParked:
		return []period{{stateParked, firstDay, lastDay}}
	case sohoa.StateAccepted, sohoa.StateReading, sohoa.StateRead:
		return []period{{stateProcessing, firstDay, lastDay}}
	}
	all := []period{{string(d.Life.Force(time.Time{})), firstDay, lastDay}}
	for _, day := range turns(d.Life) {
		state, last := string(d.Life.Force(day)), &all[len(all)-1]
		if state != last.state {
			last.until = day.AddDate(0, 0, -1).Format(compactDay)
			all = append(all, period{state, day.Format(compactDay), lastDay})
		}
	}
	return all
}

const compactDay = "20060102"

// turns are the ends of the days on which the force of a result may change,
// in order; what happens in the course of a day counts for all of it.
func turns(l sohoa.Life) []time.Time {
	var days []time.Time
	add := func(d sohoa.Date, later int) {
		if t, err := time.ParseInLocation(time.DateOnly, string(d), sohoa.Hanoi); err == nil {
			days = append(days, t.AddDate(0, 0, later+1).Add(-time.Nanosecond))
		}
	}
	add(l.ValidFrom, 0)
	add(l.ValidUntil, 1)
	if l.Revoked != nil {
		add(sohoa.DateOf(l.Revoked.At), 0)
	}
	if l.Replaced != nil {
		add(sohoa.DateOf(l.Replaced.At), 0)
	}
	slices.SortFunc(days, time.Time.Compare)
	return days
}

// stateTerms are the terms of d's states in the fields of them: each with its
// first day, each with its last, and all of them for the facet.
func stateTerms(d PageDoc) (since, until, facet []string) {
	var all []string
	for _, p := range periods(d) {
		since = append(since, p.state+vi.Break+p.from)
		until = append(until, p.state+vi.Break+p.until)
		all = append(all, p.from+p.state)
	}
	return since, until, []string{strings.Join(all, " ")}
}

// stateNode finds what is in one of the states that value stands for, on a day.
func stateNode(value, day string) Node {
	var any []Node
	for _, s := range statesOf(value) {
		any = append(any, Node{All: []Node{
			{Field: FieldStateSince, From: s + vi.Break + firstDay, To: s + vi.Break + day},
			{Field: FieldStateUntil, From: s + vi.Break + day, To: s + vi.Break + lastDay},
		}})
	}
	return *anyOf(any, nil)
}

// statesOn are counts by state on a day, of counts by term of FieldFacetState.
func statesOn(day string, counts map[string]int) map[string]int {
	out := map[string]int{}
	for term, n := range counts {
		state := ""
		for s := range strings.FieldsSeq(term) {
			if len(s) > len(day) && s[:len(day)] <= day {
				state = s[len(day):]
			}
		}
		if state != "" {
			out[state+vi.Break] += n
		}
	}
	return out
}

// day is the day of q.
func (q Query) day() string {
	if q.Day == "" {
		return time.Now().In(sohoa.Hanoi).Format(compactDay)
	}
	return strings.ReplaceAll(string(q.Day), "-", "")
}
