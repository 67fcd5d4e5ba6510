package sohoa_test

import (
	"testing"

	"sohoa"
)

func TestPurposesAreRead(t *testing.T) {
	for _, tt := range []struct {
		text string
		want sohoa.Purpose
		ok   bool
	}{
		{"signing:01JABCDEFGHJKMNPQRSTVWXYZ0", sohoa.Purpose{Kind: sohoa.PurposeSigning, Ref: "01JABCDEFGHJKMNPQRSTVWXYZ0"}, true},
		{"inspection: Quyết định thanh tra 12/QĐ", sohoa.Purpose{Kind: sohoa.PurposeInspection, Text: "Quyết định thanh tra 12/QĐ"}, true},
		{"administration:", sohoa.Purpose{Kind: sohoa.PurposeAdministration}, true},
		{"disposal:X hội đồng", sohoa.Purpose{Kind: sohoa.PurposeDisposal, Ref: "X", Text: "hội đồng"}, true},
		{"H49.64.33-261122-0001/KQ.1", sohoa.Purpose{}, false},
		{"inspection", sohoa.Purpose{}, false}, // can be the code of a dossier
		{"curiosity: x", sohoa.Purpose{}, false},
		{"", sohoa.Purpose{}, false},
	} {
		got, ok := sohoa.ParsePurpose(tt.text)
		if got != tt.want || ok != tt.ok {
			t.Errorf("ParsePurpose(%q) = %+v, %t, want %+v, %t", tt.text, got, ok, tt.want, tt.ok)
		}
		if ok && got.String() != tt.text {
			t.Errorf("ParsePurpose(%q) is written %q", tt.text, got.String())
		}
	}
}
