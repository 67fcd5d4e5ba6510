package validation

import (
	"strings"
	"time"
)

// checkCoverage finds which revision s covers. Nothing but the token of its
// own Contents may be left out, and the covered bytes must be a revision: what
// a reader of those bytes alone would open.
func (v *validator) checkCoverage(s *found) {
	if s.repeated {
		s.fail(TotalFailed, FormatFailure, "dictionary.repeated-key")
	}
	if s.contents.Start < 0 || !s.contents.Hex || len(s.contents.Value) == 0 {
		s.fail(TotalFailed, FormatFailure, "contents.missing")
		return
	}
	b, end := s.Covers.ByteRange, s.coverEnd()
	if end < 0 || b[0] != 0 || end > v.file.Size() || b[1] < 0 || b[1] > b[2] {
		s.fail(TotalFailed, FormatFailure, "byte-range.malformed")
		return
	}
	s.Covers.GapOK = b[1] == s.contents.Start && b[2] == s.contents.End && s.end <= end
	if !s.Covers.GapOK {
		s.fail(TotalFailed, FormatFailure, "byte-range.gap")
		return
	}
	rev := v.revisionAt(end)
	if rev < 0 {
		s.fail(TotalFailed, FormatFailure, "byte-range.no-revision")
		return
	}
	if !v.linked(s, rev) {
		s.fail(TotalFailed, FormatFailure, "signature.not-in-revision")
		return
	}
	s.Covers.Revision, s.Covers.Bytes = rev+1, end
	s.Covers.WholeFile = end == v.file.Size()
	if rev == 0 && !s.Covers.WholeFile && v.file.Behind(s.num) {
		s.fail(Indeterminate, SigConstraintsFailure, "signature.behind")
	}
	if rev == len(v.file.Revisions)-1 && !s.Covers.WholeFile && !v.onlyLineEnd(end) {
		s.fail(TotalFailed, FormatFailure, "file.trailing-bytes")
	}
}

// revisionAt is the revision that a reader of the first end bytes opens, or -1:
// the one whose section their last startxref names and whose %%EOF ends them,
// but for white space.
func (v *validator) revisionAt(end int64) int {
	at, eof := v.file.StartXRefBefore(end)
	for i, r := range v.file.Revisions {
		lineEnd := r.End - eof
		if r.StartXRef == at && lineEnd >= 0 && lineEnd <= 2 && v.blank(eof, end) {
			return i
		}
	}
	return -1
}

// blank reports whether the bytes from start to end are white space.
func (v *validator) blank(start, end int64) bool {
	return start <= end && strings.Trim(string(v.file.Bytes(start, end)), "\x00\t\n\f\r ") == ""
}

// onlyLineEnd reports whether at most one end of line follows.
func (v *validator) onlyLineEnd(from int64) bool {
	if v.file.Size()-from > 2 {
		return false
	}
	rest := string(v.file.Bytes(from, v.file.Size()))
	return rest == "" || rest == "\n" || rest == "\r" || rest == "\r\n"
}

// linked reports whether the covered revision has the signature in the same
// field: a dictionary that only later became a signature signed nothing.
func (v *validator) linked(s *found, rev int) bool {
	for _, n := range v.forms[rev].nodes {
		if n.kind != "Sig" || n.name != s.Field || n.dict["V"] == nil {
			continue
		}
		if there := locate(v.forms[rev].view, n); there != nil && there.start == s.start && there.contents.Start == s.contents.Start {
			return true
		}
	}
	return false
}

// parseDate reads a PDF date (ISO 32000-2, 7.9.4), or returns the zero time.
func parseDate(s string) time.Time {
	s = strings.ReplaceAll(strings.TrimPrefix(s, "D:"), "'", "")
	s = strings.TrimSuffix(s, "Z0000")
	for _, layout := range []string{"20060102150405-0700", "20060102150405Z0700", "20060102150405", "20060102150405-07"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
