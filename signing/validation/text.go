package validation

import (
	"fmt"
	"io"
	"slices"
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
	if !r.ProofUntil.IsZero() {
		p.line("", "", "\n"+sentence("proof.until", []string{day(r.ProofUntil)}, lang))
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
	switch {
	case s.Type == TypeTimestamp:
		p.say("stamper", s.Signer)
	case s.Organisation != "":
		p.say("signer.organisation", s.Signer, s.Organisation)
	default:
		p.say("signer", s.Signer)
	}
	p.say("issuer", s.Issuer, s.Serial, s.Algorithm)
}

func (p *printer) when(s *Signature) {
	if s.Type == TypeTimestamp && !s.ClaimedTime.IsZero() {
		p.say("time.stamped", moment(s.ClaimedTime))
	}
	if s.Proof != ProofNone {
		p.say("time.proven", moment(s.ProofTime), "proof."+string(s.Proof))
	} else if !s.ClaimedTime.IsZero() && s.Type == TypeSignature {
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
	if s.Covers.Bytes > 0 && !s.Covers.WholeFile {
		p.say("download", strconv.FormatInt(s.Covers.Bytes, 10))
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
		if n := s.Unchecked(); n > 0 {
			p.say("revocation.partly", strconv.Itoa(n))
		}
	}
	p.certificates("   ", s.Certificates)
	for _, t := range s.Timestamps {
		p.stamp(t)
	}
}

// Unchecked counts the certificates, beside that of the signer, about which
// nothing that counts is known: authorities, and those of timestamps.
func (s *Signature) Unchecked() int {
	chains := [][]Certificate{s.Certificates[min(1, len(s.Certificates)):]}
	for _, t := range s.Timestamps {
		if t.Trusted {
			chains = append(chains, t.Certificates)
		}
	}
	n := 0
	for _, c := range slices.Concat(chains...) {
		if !c.Revocation.settled() {
			n++
		}
	}
	return n
}

func (p *printer) stamp(t Timestamp) {
	if t.Trusted {
		p.say("stamp.trusted", t.Authority, moment(t.Time), t.TrustedRoot, t.TrustedWorld)
	} else {
		p.say("stamp.untrusted", t.Authority, moment(t.Time))
	}
	for _, r := range t.Reasons {
		p.line("     - ", "", r.Text(p.lang))
	}
	p.certificates("     ", t.Certificates)
}

func (p *printer) certificates(indent string, chain []Certificate) {
	for _, c := range chain {
		p.certificate(indent, c)
	}
}

func (p *printer) certificate(indent string, c Certificate) {
	p.line(indent+"· ", "", sentence("certificate.line",
		[]string{c.Subject, c.Serial, day(c.NotBefore), day(c.NotAfter), c.StatusText(p.lang)}, p.lang))
	if e := c.Evidence; e != nil {
		p.line(indent+"    ", "", e.Text(p.lang))
		if !e.ProvenAt.IsZero() {
			p.line(indent+"    ", "", sentence("evidence.proven", []string{moment(e.ProvenAt)}, p.lang))
		}
		if e.Responder != nil {
			p.certificate(indent+"    ", *e.Responder)
		}
	}
	for _, r := range c.Ignored {
		p.line(indent+"    ", "", sentence("evidence.ignored", []string{r.Code}, p.lang))
	}
}

// StatusText says in lang what is known about the revocation of c.
func (c *Certificate) StatusText(lang sohoa.Lang) string {
	code, args := "status."+string(c.Revocation), []string(nil)
	switch {
	case c.Revocation == RevocationGood && !c.RevokedAt.IsZero():
		code, args = "status.good-then", []string{day(c.RevokedAt)}
	case c.Revocation == RevocationRevoked:
		args = []string{day(c.RevokedAt)}
	case c.Revocation == RevocationOutdated:
		args = []string{moment(c.Evidence.ThisUpdate)}
	}
	return sentence(code, args, lang)
}

// Text says in lang what e is, when it is from and where it was found.
func (e *Evidence) Text(lang sohoa.Lang) string {
	return sentence("evidence."+e.Kind, []string{e.Issuer, moment(e.ThisUpdate), "place." + string(e.Place), strconv.Itoa(e.Revision)}, lang)
}
