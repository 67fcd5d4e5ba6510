package validation

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sohoa"
)

// Text is the finding as a sentence in lang.
func (r Reason) Text(lang sohoa.Lang) string { return sentence(r.Code, r.Args, lang) }

// Text is the change as a sentence in lang, without its revision.
func (c Change) Text(lang sohoa.Lang) string { return sentence(c.Code, c.Args, lang) }

// sentence fills the sentence of a code. An argument that is itself a code is
// replaced by its sentence, which the arguments after it fill.
func sentence(code string, args []string, lang sohoa.Lang) string {
	s, ok := sentences[code]
	if !ok {
		return strings.TrimSpace(code + " " + strings.Join(args, " "))
	}
	text := s.in(lang)
	for i, a := range args {
		if _, ok := sentences[a]; ok {
			a = strings.TrimSuffix(sentence(a, args[i+1:], lang), ".")
		}
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i)+"}", a)
	}
	return text
}

// Text is the report for people, in lang.
func (r *Report) Text(lang sohoa.Lang) string {
	var b strings.Builder
	r.WriteText(&b, lang)
	return b.String()
}

// WriteText writes the report for people, in lang: the conclusion, then one
// paragraph per signature.
func (r *Report) WriteText(w io.Writer, lang sohoa.Lang) error {
	p := &printer{w: w, lang: lang}
	p.line("", string(r.Conclusion), sentence("conclusion."+string(r.Conclusion), []string{strconv.Itoa(len(r.Signatures))}, lang))
	for i := range r.Signatures {
		p.signature(i+1, &r.Signatures[i], r)
	}
	return p.err
}

// printer writes lines in one language; the first error ends it.
type printer struct {
	w    io.Writer
	lang sohoa.Lang
	err  error
}

func (p *printer) line(indent, mark, text string) {
	if p.err == nil && text != "" {
		_, p.err = fmt.Fprintln(p.w, indent+strings.TrimLeft(mark+"  "+text, " "))
	}
}

// say writes a sentence of the table.
func (p *printer) say(code string, args ...string) {
	p.line("   ", "", sentence(code, args, p.lang))
}

func (p *printer) signature(number int, s *Signature, r *Report) {
	p.line("", "", "\n"+strconv.Itoa(number)+". "+sentence("type."+string(s.Type), []string{s.Field}, p.lang))
	result := strings.TrimSpace(string(s.Indication) + " " + string(s.Sub))
	p.say("result", "result."+string(s.Indication), result)
	for _, reason := range s.Reasons {
		p.line("   - ", "", reason.Text(p.lang))
	}
	p.who(s)
	p.when(s)
	p.what(s, r)
	p.trust(s)
}

func (p *printer) who(s *Signature) {
	if s.Signer == "" {
		return
	}
	if s.Organisation != "" {
		p.say("signer.organisation", s.Signer, s.Organisation)
	} else {
		p.say("signer", s.Signer)
	}
	p.say("issuer", s.Issuer, s.Serial, s.Algorithm)
}

func (p *printer) when(s *Signature) {
	if s.Proof != ProofNone {
		p.say("time.proven", moment(s.ProofTime), "proof."+string(s.Proof))
	} else if !s.ClaimedTime.IsZero() {
		p.say("time.claimed", moment(s.ClaimedTime))
	}
	if s.Level != "" {
		p.say("level", s.Level)
	}
}

// moment is a time as the rules write it: 28.08.2024 14:34:48 +07:00.
func moment(t time.Time) string { return t.In(sohoa.Hanoi).Format("02.01.2006 15:04:05 -07:00") }

func (p *printer) what(s *Signature, r *Report) {
	covered, all := strconv.Itoa(s.Covers.Revision), strconv.Itoa(r.Revisions)
	switch {
	case s.Covers.WholeFile:
		p.say("covers.file")
	case s.Covers.Revision > 0:
		p.say("covers.revision", covered, all)
	default:
		p.say("covers.nothing")
	}
	p.say("digest." + strconv.FormatBool(s.DigestOK))
	p.say("value." + strconv.FormatBool(s.SignatureOK))
	if len(s.Changes) == 0 && s.Covers.Revision > 0 {
		p.say("changes.none")
	}
	for _, c := range s.Changes {
		p.say("changed", strconv.Itoa(c.Revision), c.Text(p.lang))
	}
}

func (p *printer) trust(s *Signature) {
	if len(s.Chain) > 0 {
		p.say("chain", strings.Join(s.Chain, " ← "))
	}
	if s.TrustedRoot != "" {
		p.say("trusted", s.TrustedRoot, s.TrustedWorld)
		p.say("revocation." + string(s.Revocation))
	}
}
