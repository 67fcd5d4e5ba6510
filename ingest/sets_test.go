package ingest_test

import (
	"testing"

	"sohoa"
)

// inOrder are the steps of a result: its operator, who has the power to sign,
// and the office.
var inOrder = []sohoa.SignStep{{Part: sohoa.PartOperator, User: "lan"}, {Part: sohoa.PartPerson, User: "binh"}, {Part: sohoa.PartSeal}}

func TestSetIsSignedInOrder(t *testing.T) {
	of := openOffice(t, options{})
	ids := of.papers(3)
	set := of.set(ids, inOrder...)
	if _, err := of.SignSet(t.Context(), "binh", set.ID, nil, pin); problemOf(err) != "set.not-due" {
		t.Errorf("SignSet before one's turn = %v, want set.not-due", err)
	}
	if _, err := of.SignSet(t.Context(), "lan", set.ID, nil, "wrong"); problemOf(err) != "sign.password" {
		t.Errorf("SignSet with a wrong PIN = %v, want sign.password", err)
	}
	started := must(of.SignSet(t.Context(), "lan", set.ID, nil, pin))(t)
	if started.Documents != len(ids) {
		t.Errorf("SignSet started %d documents, want %d", started.Documents, len(ids))
	}
	for _, id := range ids {
		of.item(set.ID, id, at(1, sohoa.ItemDue))
	}
	for _, id := range ids[1:] {
		if err := of.signAs("binh", id); err != nil {
			t.Fatalf("sign %s: %v", id, err)
		}
	}
	must(of.SignSet(t.Context(), "binh", set.ID, ids[:1], pin))(t)
	for _, id := range ids {
		of.item(set.ID, id, at(3, sohoa.ItemDone))
		doc := of.checkSignatures(id, agencyName, people["lan"], people["binh"], agencyName)
		if doc.Revision != 4 || doc.Set != "" || doc.Signature != sohoa.SignatureTimed {
			t.Errorf("%s is kept as %+v, want revision 4, in no set, timed", id, doc)
		}
		if parts := []sohoa.SignPart{doc.Signatures[1].Part, doc.Signatures[2].Part, doc.Signatures[3].Part}; parts[0] != sohoa.PartOperator || parts[1] != sohoa.PartPerson || parts[2] != sohoa.PartSeal {
			t.Errorf("%s is signed as %v, want operator, person, seal", id, parts)
		}
	}
	if got := must(of.catalog.SigningSet(t.Context(), sohoa.Everything, set.ID))(t); got.State != sohoa.SetDone {
		t.Errorf("the set is %s, want %s", got.State, sohoa.SetDone)
	}
	of.stop()
	of.checkArchive()
}
