package web

import (
	"fmt"
	"html/template"
	"math"
	"net/url"
	"strings"
	"time"

	"sohoa"
	"sohoa/web/i18n"
)

// funcs are what templates call, in one language.
func (s *Server) funcs(lang sohoa.Lang) template.FuncMap {
	return template.FuncMap{
		"t":          func(key string, args ...any) string { return i18n.Text(lang, key, args...) },
		"lang":       func() string { return string(lang) },
		"asset":      s.static.url,
		"path":       pathFor,
		"date":       func(t time.Time) string { return onPaper(t, "02/01/2006") },
		"datetime":   func(t time.Time) string { return onPaper(t, "02/01/2006 15:04") },
		"moment":     func(t time.Time) string { return onPaper(t, "02/01/2006 15:04:05") },
		"parts":      func() []sohoa.SignPart { return parts },
		"pair":       func(a, b any) pair { return pair{a, b} },
		"iso":        func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"size":       func(n int64) string { return size(lang, n) },
		"percent":    func(x float64) string { return fmt.Sprintf("%.0f %%", x) },
		"problem":    func(p *sohoa.Problem) string { return p.Text(lang) },
		"fieldValue": fieldValue,
		"force":      s.forceOf,
		"savedLink":  savedLink,
		"fates":      func() []fate { return []fate{fateWrong, fateNew, fateMoved, fateGone, fateSame} },
		"lasting":    func(d time.Duration) string { return lasting(lang, d) },
		"indent":     func(depth int) string { return strings.Repeat("\u2003", depth) },
		"join":       func(words []string) string { return strings.Join(words, " ") },
		"add":        func(a, b int) int { return a + b },
		"aim":        func(purpose string) string { return aim(lang, purpose) },
		"instant":    func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },

		"ruleRetention": func(r sohoa.Rule) sohoa.Retention { return r.Retention(sohoa.Retention{}, 0) },
	}
}

// onPaper is a time as people here write it; empty for none.
func onPaper(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(sohoa.Hanoi).Format(layout)
}

// pathOf joins escaped segments to an address on this server.
func pathOf(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString("/" + url.PathEscape(s))
	}
	return b.String()
}

// pathFor is pathOf for templates, where segments are of any type.
func pathFor(segments ...any) string {
	texts := make([]string, len(segments))
	for i, s := range segments {
		texts[i] = fmt.Sprint(s)
	}
	return pathOf(texts...)
}

// parts are those that somebody can sign as.
var parts = []sohoa.SignPart{sohoa.PartOperator, sohoa.PartPerson, sohoa.PartSeal, sohoa.PartAgency, sohoa.PartCopy, sohoa.PartAttachment}

// size is a number of bytes in words, with the decimal sign of the language.
func size(lang sohoa.Lang, n int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB"}
	x, i := float64(n), 0
	for x >= 1000 && i < len(units)-1 {
		x, i = x/1000, i+1
	}
	text := fmt.Sprintf("%.1f", x)
	if i == 0 || x >= 100 {
		text = fmt.Sprintf("%.0f", x)
	}
	if lang == sohoa.Vietnamese {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text + " " + units[i]
}

// fieldValue is a field as people read it: dates in the order of this
// country.
func fieldValue(f sohoa.Field) string {
	if f.Name == sohoa.FieldIssuedDate {
		if t, err := time.Parse(time.DateOnly, f.Value); err == nil {
			return t.Format("02/01/2006")
		}
	}
	return f.Value
}

// tenth rounds a length in pixels, so that pages stay small.
func tenth(x float64) float64 { return math.Round(x*10) / 10 }

// pair hands two things to a template.
type pair struct{ A, B any }

// lasting is a length of time in words, as exact as people need it.
func lasting(lang sohoa.Lang, d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return i18n.Text(lang, "lasting.days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return i18n.Text(lang, "lasting.hours", int(d.Hours()))
	case d >= time.Minute:
		return i18n.Text(lang, "lasting.minutes", int(d.Minutes()))
	}
	return i18n.Text(lang, "lasting.less")
}
