package validation

import (
	"context"
	"slices"
	"sort"

	"sohoa/signing/validation/pdfrev"
)

// found is a signature as it lies in the file.
type found struct {
	*Signature
	dict     pdfrev.Dict
	contents pdfrev.String
	num      int   // of the object that holds the dictionary
	start    int64 // of that object; -1 in an object stream
	end      int64
	repeated bool        // a key occurs twice in that object
	last     bool        // the newest revision still has it
	proves   bool        // a document timestamp that is trusted
	lock     pdfrev.Dict // of its field: what signing it locks
	view     pdfrev.View
	embedded // what its Contents says
}

// collect finds the signatures of all revisions, so that one that a later
// revision took away is seen too.
func (v *validator) collect(ctx context.Context) error {
	seen := map[int64]bool{}
	newest, fields := len(v.file.Revisions)-1, 0
	v.forms = make([]*form, newest+1)
	for i := newest; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := readForm(v.file.View(i))
		if err != nil {
			return err
		}
		v.forms[i] = f
		if fields += len(f.nodes); fields > maxAllFields {
			return pdfrev.ErrBound
		}
		v.collectFrom(f, i == newest, seen)
		if len(v.found) > maxSignatures {
			return pdfrev.ErrBound
		}
	}
	sort.SliceStable(v.found, func(i, j int) bool { return v.found[i].coverEnd() < v.found[j].coverEnd() })
	return nil
}

func (v *validator) collectFrom(f *form, last bool, seen map[int64]bool) {
	for _, n := range f.nodes {
		if n.kind != "Sig" || n.dict["V"] == nil {
			continue
		}
		s := locate(f.view, n)
		if s == nil || seen[s.start] && s.start >= 0 {
			continue
		}
		seen[s.start] = true
		s.last = last
		v.found = append(v.found, s)
	}
}

// locate reads the signature dictionary of n, or nil when there is none.
func locate(view pdfrev.View, n *node) *found {
	holder := pdfrev.Indirect{Start: -1, End: -1}
	ref, ok := n.dict["V"].(pdfrev.Ref)
	if !ok {
		ref = n.ref
	}
	if ref.Num != 0 {
		holder, _ = view.Get(ref)
	}
	d := view.Dict(n.dict["V"])
	if d == nil {
		return nil
	}
	s := &found{dict: d, num: ref.Num, start: holder.Start, end: holder.End, repeated: holder.Repeated, view: view, lock: view.Dict(n.dict["Lock"])}
	s.contents, _ = d["Contents"].(pdfrev.String)
	s.Signature = &Signature{
		Field: n.name, Type: TypeSignature, Proof: ProofNone, Revocation: RevocationNotChecked,
		Indication: TotalPassed, Modification: ChangeNone,
	}
	sub, _ := view.Resolve(d["SubFilter"]).(pdfrev.Name)
	s.SubFilter = string(sub)
	if view.Resolve(d["Type"]) == pdfrev.Name("DocTimeStamp") || sub == "ETSI.RFC3161" {
		s.Type = TypeTimestamp
	}
	s.ClaimedTime = parseDate(text(view.Resolve(d["M"])))
	s.Certifies = docMDP(view, d)
	s.Covers.ByteRange = byteRange(view, d)
	return s
}

// byteRange are the integers of a ByteRange, nil if it is anything else.
func byteRange(view pdfrev.View, d pdfrev.Dict) []int64 {
	a, _ := view.Resolve(d["ByteRange"]).(pdfrev.Array)
	if len(a) > 16 {
		return nil
	}
	var out []int64
	for _, o := range a {
		n, ok := view.Resolve(o).(int64)
		if !ok {
			return nil
		}
		out = append(out, n)
	}
	return out
}

// transforms are the parameters of the reference dictionaries of d with the
// method, e.g. DocMDP (ISO 32000-2, 12.8.2).
func transforms(view pdfrev.View, d pdfrev.Dict, method pdfrev.Name) []pdfrev.Dict {
	var out []pdfrev.Dict
	refs, _ := view.Resolve(d["Reference"]).(pdfrev.Array)
	for _, o := range refs {
		r := view.Dict(o)
		if view.Resolve(r["TransformMethod"]) != method {
			continue
		}
		params := view.Dict(r["TransformParams"])
		if params == nil {
			params = pdfrev.Dict{}
		}
		out = append(out, params)
	}
	return out
}

// docMDP is the permission that a certification gives, 1 to 3, or 0.
func docMDP(view pdfrev.View, d pdfrev.Dict) int {
	level := 0
	for _, params := range transforms(view, d, "DocMDP") {
		p, ok := view.Resolve(params["P"]).(int64)
		if !ok {
			p = 2
		}
		if p < 1 || p > 3 {
			p = 1
		}
		if level == 0 || int(p) < level {
			level = int(p)
		}
	}
	return level
}

// coverEnd is where the byte range ends, or -1.
func (s *found) coverEnd() int64 {
	b := s.Covers.ByteRange
	if len(b) != 4 || b[2] < 0 || b[3] < 0 || b[2]+b[3] < b[2] {
		return -1
	}
	return b[2] + b[3]
}

// fail records a finding.
func (s *found) fail(i Indication, sub SubIndication, code string, args ...string) {
	s.Reasons = append(s.Reasons, Reason{Code: code, Args: args, Indication: i, Sub: sub})
}

// wellFormed reports whether nothing was found against the form of s so far.
func (s *found) wellFormed() bool {
	return !slices.ContainsFunc(s.Reasons, func(r Reason) bool { return r.Sub == FormatFailure })
}

// settle sets the indication to the worst finding, the first among equals.
func (s *found) settle() {
	sort.SliceStable(s.Reasons, func(i, j int) bool {
		return s.Reasons[i].Indication.rank() > s.Reasons[j].Indication.rank()
	})
	s.Indication, s.Sub = TotalPassed, ""
	if len(s.Reasons) > 0 && s.Reasons[0].Indication != "" {
		s.Indication, s.Sub = s.Reasons[0].Indication, s.Reasons[0].Sub
	}
}
