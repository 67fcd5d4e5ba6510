package main

import (
	"regexp"
	"strings"
	"testing"

	"sohoa"
)

// TestDemonstration starts a server as ./run does: the first start makes an
// office and digitises the samples, the second finds all of it.
func TestDemonstration(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	folder := t.TempDir()
	write(t, folder, "mot.jpg", page(t, "So 48213"))
	write(t, folder, "hai.jpg", page(t, "So 55917"))
	write(t, folder, "giay-chung-nhan.jpg", page(t, "So 77310"))
	s := p.serve("--demo", folder)
	b := s.signIn()
	var first sohoa.Document
	for _, word := range []string{"48213", "55917"} {
		hit := decode[hitJSON](t, p.ok("search", "--json", word))
		first = b.document(t, hit.Document)
		if first.State != sohoa.StateKept || first.Signature != sohoa.SignatureTimed {
			t.Errorf("%s: %s, %s, want kept, signed-B-T", first.Name, first.State, first.Signature)
		}
		if out := p.ok("verify", first.ID.String()); !strings.Contains(out, "sohoa TEST") {
			t.Errorf("verify = %q, want a signer of the test authority", out)
		}
	}
	links := regexp.MustCompile(`(?m)^  (\w+) .*: http://[^/]+(/setup/\S+)$`).FindAllStringSubmatch(s.output(), -1)
	if len(links) != 6 {
		t.Errorf("%d people were introduced, want 6: %s", len(links), s.output())
	}
	for _, l := range links {
		if status, page, err := b.do(t.Context(), "GET", l[2], "", nil); err != nil || status != 200 || !strings.Contains(string(page), l[1]) {
			t.Errorf("the link of %s = %d, %v", l[1], status, err)
		}
	}
	if out := p.ok("held", demoAsking.Code, "TP2"); !strings.Contains(out, "giay-chung-nhan.jpg") {
		t.Errorf("held = %q, want the certificate of the same person", out)
	}
	s.stop()

	again := p.serve("--demo", folder)
	if begins := "Digitising"; !strings.Contains(s.output(), begins) || strings.Contains(again.output(), begins) {
		t.Errorf("the first start said %s\nthe second %s\nwant the samples digitised by the first alone", s.output(), again.output())
	}
	b.base = again.base
	if doc := b.document(t, first.ID); doc.State != sohoa.StateKept || doc.Digest != first.Digest {
		t.Errorf("after the second start: %+v, want %+v", doc, first)
	}
	again.stop()
	if len(again.links) > 0 {
		t.Error("the second start made a set-up link, though the administrator has a password")
	}
	checkRoot(t, p, 3)
}
