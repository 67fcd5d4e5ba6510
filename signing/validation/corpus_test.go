package validation_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/signing/validation"
	"sohoa/signing/validation/cms"
)

// corpus is the shared collection of signed files, which is not part of this
// repository.
const corpus = "../../../shared/signatures"

// verdict is what another validator says about one signature.
type verdict struct {
	file, field, kind, coverage, digest, cms, level string
}

// bad reports whether the signature must not pass.
func (v verdict) bad() bool {
	return v.kind == "error" || v.kind == "unreadable" || v.level == "OTHER" ||
		v.coverage == "UNCLEAR" || v.digest == "False" || v.cms == "False"
}

func readVerdicts(t *testing.T) []verdict {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(corpus, "verdicts.tsv"))
	if os.IsNotExist(err) {
		t.Skip("the shared corpus is absent")
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []verdict
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n")[1:] {
		f := append(strings.Split(line, "\t"), make([]string, 8)...)
		out = append(out, verdict{f[0], f[1], f[2], f[3], f[4], f[5], f[6]})
	}
	return out
}

// embedded are the certificates in the messages and timestamps of a file.
func embedded(file []byte, r *validation.Report) (all []validation.Root, signers map[string]time.Time) {
	signers = map[string]time.Time{}
	add := func(m *cms.Message) {
		for _, c := range m.Certificates {
			all = append(all, validation.Root{World: "the file itself", Certificate: c})
		}
	}
	for _, s := range r.Signatures {
		b := s.Covers.ByteRange
		if len(b) != 4 || b[1] < 0 || b[1] > b[2] || b[2] > int64(len(file)) {
			continue
		}
		gap := bytes.Trim(file[b[1]:b[2]], "<> \r\n")
		der := make([]byte, len(gap)/2)
		hex.Decode(der, gap[:len(der)*2])
		m, err := cms.Parse(der)
		if err != nil || len(m.Signers) == 0 {
			continue
		}
		add(m)
		if c := m.Signers[0].Certificate; c != nil {
			signers[s.Field] = c.NotAfter.Add(-time.Minute)
		}
		for _, token := range m.Signers[0].Timestamps() {
			if tm, err := cms.Parse(token); err == nil {
				add(tm)
			}
		}
	}
	return all, signers
}

// lenient lets every algorithm pass, so that it is never the policy that
// stops a bad file.
func lenient() *validation.Policy { return &validation.Policy{MinRSA: 512, MinECDSA: 160} }

// strict accepts no weak algorithm at any time.
func strict() *validation.Policy {
	p := validation.DefaultPolicy()
	p.WeakRSA, p.Hashes["SHA-1"] = time.Time{}, time.Time{}
	return &p
}

// judge validates a file with its own certificates as roots, each signature
// at a time at which its certificate was valid.
func judge(t *testing.T, file []byte, policy *validation.Policy) map[string]validation.Signature {
	t.Helper()
	ctx := context.Background()
	r, err := validation.Validate(ctx, bytes.NewReader(file), int64(len(file)), validation.Options{Policy: lenient()})
	if err != nil {
		return nil
	}
	for _, s := range r.Signatures {
		if s.Indication == validation.TotalPassed {
			t.Errorf("field %q passed without roots", s.Field)
		}
	}
	roots, at := embedded(file, r)
	out := map[string]validation.Signature{}
	for _, s := range r.Signatures {
		opts := validation.Options{Roots: roots, Now: at[s.Field], Policy: policy}
		again, err := validation.Validate(ctx, bytes.NewReader(file), int64(len(file)), opts)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range again.Signatures {
			if have, ok := out[a.Field]; a.Field == s.Field && (!ok || have.Indication == validation.TotalPassed) {
				out[a.Field] = a
			}
		}
	}
	return out
}

func TestCorpusNothingBadPasses(t *testing.T) {
	files := map[string]map[string]validation.Signature{}
	signed, agree, bad := 0, 0, 0
	for _, v := range readVerdicts(t) {
		got, ok := files[v.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(corpus, v.file))
			if err != nil {
				t.Fatal(err)
			}
			// Rows of error are those that the other policy refused.
			policy := lenient()
			if v.kind == "error" {
				policy = strict()
			}
			got = judge(t, b, policy)
			files[v.file] = got
		}
		if v.kind == "unsigned" {
			continue
		}
		signed++
		s := got[v.field]
		passed := s.Indication == validation.TotalPassed
		if v.bad() {
			bad++
		}
		if v.bad() && passed && !explained[v.file+" "+v.field] {
			t.Errorf("%s %s = passed, other validator: %+v", v.file, v.field, v)
		}
		if v.bad() != passed {
			agree++
			continue
		}
		t.Logf("DIFFERS %s %s: other %s %s %s, ours %s %s %s %v", v.file, v.field, v.kind, v.coverage, v.level,
			s.Indication, s.Sub, s.Modification, codes(s))
	}
	t.Logf("%d signatures, %d that must not pass, %d judged alike", signed, bad, agree)
}

// explained are the rows in which we differ for a reason that
// docs/decisions/validation-policy.md gives.
var explained = map[string]bool{
	"dss/dss-pades__validation__Signature-P-BG_BOR-1.pdf Signature1":             true,
	"dss/dss-pades__validation__Signature-P-BG_BOR-2.pdf Signature1":             true,
	"dss/dss-pades__validation__pades-ocsp-archiveCutOff-invalid.pdf Signature2": true,
}

func codes(s validation.Signature) []string {
	var out []string
	for _, r := range s.Reasons {
		out = append(out, strings.TrimSpace(r.Code+" "+strings.Join(r.Args, " ")))
	}
	return out
}
