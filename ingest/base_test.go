package ingest_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"sohoa"
	"sohoa/signing"
)

// TestNotedForTheNextSignature looks at what is noted of a signed PDF, and
// prepares and makes the next signature whatever has become of that.
func TestNotedForTheNextSignature(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	key := "cache/" + id.String() + "/base-signed.json"
	noted := func() signing.Base {
		t.Helper()
		b := must(of.Blobs.Open(t.Context(), key))(t)
		defer b.Close()
		var base signing.Base
		if err := json.Unmarshal(must(io.ReadAll(b))(t), &base); err != nil {
			t.Fatal(err)
		}
		return base
	}
	first := noted()
	if want := sohoa.Sum(of.read(id, sohoa.RoleSigned, 0)); first.Digest != want {
		t.Fatalf("noted of %s, want of %s", first.Digest, want)
	}
	wrong := first
	wrong.State = nil
	for name, content := range map[string]string{
		"damaged": string(must(json.Marshal(wrong))(t)), "cut off": "{", "of nothing": "{}", "as it was": string(must(json.Marshal(first))(t)),
	} {
		must(of.Blobs.Put(t.Context(), key, strings.NewReader(content)))(t)
		p, _, err := of.prepareAs("hoa", id)
		if err != nil {
			t.Fatalf("%s: PrepareSignature = %v", name, err)
		}
		if err := of.CancelSignature(t.Context(), "hoa", p.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := of.signAs("hoa", id); err != nil {
		t.Fatal(err)
	}
	of.await(id, func(d sohoa.Document) bool { return d.Revision == 2 })
	of.checkSignatures(id, agencyName, people["hoa"])
	if next := noted(); next.Digest != sohoa.Sum(of.read(id, sohoa.RoleSigned, 0)) {
		t.Errorf("after a signature %s is noted, want the file that it made", next.Digest)
	}
}
