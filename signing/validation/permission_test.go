package validation_test

import (
	"testing"

	"sohoa/signing/validation"
)

// Certifications and locks (ISO 32000-2, 12.8.2.2, 12.8.2.4 and 12.7.5.5).
func certify(level string) string {
	return "/Reference[<</TransformMethod/DocMDP/TransformParams<</P " + level + "/V/1.2>>>>]"
}

func lock(params string) string {
	return "/Reference[<</TransformMethod/FieldMDP/TransformParams<<" + params + ">>>>]"
}

const groups = "<</T(address)/Kids[11 0 R]>>"

// grouped is base with a field below another.
func grouped() []byte {
	objects := append(base[:len(base):len(base)], object{10, groups},
		object{11, "<</Type/Annot/Subtype/Widget/Parent 10 0 R/FT/Tx/T(street)/V(Le Loi)/Rect[0 0 9 9]>>"})
	objects[0].body = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R 10 0 R]/DA(/F1 0 Tf)>>>>"
	return build(objects)
}

// permissions are changes that a certification or a lock forbids.
func permissions() []attack {
	format, constraints := validation.FormatFailure, validation.SigConstraintsFailure
	// after changes a file that was signed with entries of dictionary and field.
	after := func(dict, widget string, change func(t *testing.T, pdf []byte) []object) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			pdf := handmade{id: person(t), dict: dict, widget: widget}.sign(t, grouped())
			return update(pdf, change(t, pdf)...)
		}
	}
	name, street := edit(6, "(An)", "(Binh)"), edit(11, "(Le Loi)", "(Ly Thuong Kiet)")
	note := edit(3, "8 0 R", "8 0 R 40 0 R", object{40, "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(note)>>"})
	return []attack{
		{"certified P=1, value", after(certify("1"), "", name), "change.locked", format},
		{"certified P=1, note", after(certify("1"), "", note), "change.annotation-added", format},
		{"certified P=2, note", after(certify("2"), "", note), "change.annotation-added", format},
		{"certified P=2, note changed", after(certify("2"), "", edit(8, "approved", "refused")), "change.annotation", format},
		{"certified P=2, content", after(certify("2"), "", one(object{4, stream("")})), "change.page", format},
		{"certified P=3, content", after(certify("3"), "", one(object{4, stream("")})), "change.page", format},
		{"certified P=3, note", after(certify("3"), "", note), "change.annotation-added", constraints},
		{"certified P=3, note changed", after(certify("3"), "", edit(8, "approved", "refused")), "change.annotation", constraints},
		{"certified P=9 is P=1", after(certify("9"), "", name), "change.locked", format},
		{"locked: all", after(lock("/Action/All"), "", name), "change.locked", format},
		{"locked: unknown action is all", after(lock("/Action/Some/Fields[(other)]"), "", name), "change.locked", format},
		{"locked: all but another", after(lock("/Action/Exclude/Fields[(address)]"), "", name), "change.locked", format},
		{"locked: a group", after(lock("/Action/Include/Fields[(address)]"), "", street), "change.locked", format},
		{"locked: one below a group", after(lock("/Action/Include/Fields[(address.street)]"), "", street), "change.locked", format},
		{"locked by its field", after("", "/Lock<</Action/Include/Fields[(name)]>>", name), "change.locked", format},
		{"certified P=2 and locked", after(certify("2")[:len(certify("2"))-1]+lock("/Action/Include/Fields[(name)]")[len("/Reference["):], "", name), "change.locked", format},
		{"unlocked, and nobody permitted it", after(lock("/Action/Include/Fields[(other)]"), "", name), "change.value", constraints},
		{"field forbids all, signed again", func(t *testing.T) []byte {
			return addSecond(t, handmade{id: person(t), widget: "/Lock<</Action/All/P 1>>"}.sign(t, grouped()))
		}, "change.certified", format},
		{"locked before a second signature", func(t *testing.T) []byte {
			pdf := addSecond(t, handmade{id: person(t), dict: lock("/Action/All")}.sign(t, grouped()))
			return update(pdf, name(t, pdf)...)
		}, "change.locked", format},
	}
}

// TestPermitted: what a certification permits and no lock forbids passes.
func TestPermitted(t *testing.T) {
	for _, dict := range []string{certify("2"), certify("3"),
		certify("2")[:len(certify("2"))-1] + lock("/Action/Include/Fields[(address)]")[len("/Reference["):]} {
		pdf := handmade{id: person(t), dict: dict}.sign(t, grouped())
		pdf = update(pdf, edit(6, "(An)", "(Binh)")(t, pdf)...)
		if r := validate(t, pdf, trust(t)); r.Conclusion != validation.TotalPassed {
			t.Errorf("%s: value changed = %s %v, want passed", dict, r.Conclusion, codes(r.Signatures[0]))
		}
	}
}
