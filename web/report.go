package web

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/signing/validation"
	"sohoa/web/i18n"
)

// reportPart is a report as it is shown: a plain sentence first, one card for
// each signature, and the words of the report beneath.
type reportPart struct {
	*validation.Report
	Name     string
	Text     string
	Plain    string // the conclusion for people who know nothing of signatures
	Cards    []signatureCard
	Download string // where revisions come from; empty for a file that only the reader's browser has
}

// signatureCard is one signature as it is shown.
type signatureCard struct {
	*validation.Signature
	Number      int
	Reasons     []string // why it is not valid, worst first
	Remarks     []string // what decides nothing
	Changes     []changeLine
	SignedBytes int64  // of the revision that it covers, from the start of the file; 0 if none
	SaveAs      string // name of that revision
	Chain       []certificateLine
	Timestamps  []timestampLine
}

// certificateLine is a certificate of a chain, with the evidence about it.
type certificateLine struct {
	*validation.Certificate
	Status  string
	Used    string   // the evidence that its status rests on; empty without
	Ignored []string // why other evidence does not count
}

// timestampLine is a timestamp of a signature.
type timestampLine struct {
	*validation.Timestamp
	Reasons []string
	Chain   []certificateLine
}

// changeLine is what one later revision changed.
type changeLine struct {
	Revision  int
	Text      string
	Permitted bool
}

// newReportPart prepares a report for the reader.
func newReportPart(r *validation.Report, name string, lang sohoa.Lang) *reportPart {
	p := &reportPart{Report: r, Name: name, Text: r.Text(lang), Plain: plainConclusion(r, lang)}
	for i := range r.Signatures {
		p.Cards = append(p.Cards, newSignatureCard(&r.Signatures[i], i+1, name, lang))
	}
	return p
}

func newSignatureCard(s *validation.Signature, number int, name string, lang sohoa.Lang) signatureCard {
	c := signatureCard{Signature: s, Number: number, SignedBytes: s.Covers.Bytes, SaveAs: revisionName(name, number)}
	for _, reason := range s.Reasons {
		if reason.Indication == "" {
			c.Remarks = append(c.Remarks, reason.Text(lang))
		} else {
			c.Reasons = append(c.Reasons, reason.Text(lang))
		}
	}
	for _, change := range s.Changes {
		c.Changes = append(c.Changes, changeLine{change.Revision, change.Text(lang), change.Kind != validation.ChangeOther})
	}
	c.Chain = certificateLines(s.Certificates, lang)
	for i := range s.Timestamps {
		t := &s.Timestamps[i]
		line := timestampLine{Timestamp: t, Chain: certificateLines(t.Certificates, lang)}
		for _, reason := range t.Reasons {
			line.Reasons = append(line.Reasons, reason.Text(lang))
		}
		c.Timestamps = append(c.Timestamps, line)
	}
	return c
}

func certificateLines(chain []validation.Certificate, lang sohoa.Lang) []certificateLine {
	var lines []certificateLine
	for i := range chain {
		c := &chain[i]
		line := certificateLine{Certificate: c, Status: c.StatusText(lang)}
		if c.Evidence != nil {
			line.Used = c.Evidence.Text(lang)
		}
		for _, reason := range c.Ignored {
			line.Ignored = append(line.Ignored, reason.Text(lang))
		}
		lines = append(lines, line)
	}
	return lines
}

// revisionName is what the revision of the numbered signature is saved as.
func revisionName(name string, number int) string {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	if base == "" || base == "." || base == "/" {
		base = "tai-lieu"
	}
	return base + ".chu-ky-" + strconv.Itoa(number) + ".pdf"
}

// Unchecked reports whether a signature was found valid without asking
// whether its certificate had been revoked. The verdict must not be read
// without that.
func (p reportPart) Unchecked() bool {
	return slices.ContainsFunc(p.Signatures, func(sig validation.Signature) bool {
		return sig.Indication == validation.TotalPassed && sig.Revocation == validation.RevocationNotChecked
	})
}

// plainConclusion says what a report comes to in one or two sentences.
func plainConclusion(r *validation.Report, lang sohoa.Lang) string {
	names := strings.Join(signers(r), ", ")
	switch r.Conclusion {
	case validation.TotalPassed:
		if slices.ContainsFunc(r.Signatures, func(s validation.Signature) bool { return len(s.Changes) > 0 }) {
			return i18n.Text(lang, "plain.passed-since", names)
		}
		return i18n.Text(lang, "plain.passed", names)
	case validation.Indeterminate:
		return i18n.Text(lang, "plain.undecided", names) + " " + worstReason(r, lang)
	case validation.TotalFailed:
		return i18n.Text(lang, "plain.failed") + " " + worstReason(r, lang)
	}
	return i18n.Text(lang, "plain.unsigned")
}

// signers are those who signed, with whom they signed for, each once.
func signers(r *validation.Report) []string {
	var names []string
	for _, s := range r.Signatures {
		name := s.Signer
		if s.Type == validation.TypeTimestamp || name == "" {
			continue
		}
		if s.Organisation != "" && s.Organisation != name {
			name += " (" + s.Organisation + ")"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// worstReason is the first reason of the signature that decided.
func worstReason(r *validation.Report, lang sohoa.Lang) string {
	for _, s := range r.Signatures {
		if s.Indication == r.Conclusion && len(s.Reasons) > 0 {
			return s.Reasons[0].Text(lang)
		}
	}
	return ""
}
