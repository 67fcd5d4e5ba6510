package validation_test

import (
	"bytes"
	"crypto"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// attack is a way to make a file say something else than what was signed, or
// to make somebody appear to have signed.
type attack struct {
	name string
	make func(t *testing.T) []byte
	code string // of the finding that must be named
	sub  validation.SubIndication
}

func TestNoTamperedFilePasses(t *testing.T) {
	attacks := slices.Concat(updates(), ranges(), messages(), trusts(), shadows(), permissions())
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) { a.refused(t, validate(t, a.make(t), trust(t))) })
	}
	t.Logf("%d tampered files", len(attacks))
}

// refused requires that r refuses the tampered file and names the reason.
func (a attack) refused(t *testing.T, r *validation.Report) {
	t.Helper()
	if len(r.Signatures) == 0 || r.Conclusion == validation.TotalPassed {
		t.Fatalf("conclusion = %s with %d signatures", r.Conclusion, len(r.Signatures))
	}
	s, ok := withReason(r, a.code)
	if !ok {
		t.Fatalf("reasons = %v, want %s", codes(r.Signatures[0]), a.code)
	}
	if s.Indication == validation.TotalPassed || s.Sub != a.sub {
		t.Errorf("signature = %s %s, want %s", s.Indication, s.Sub, a.sub)
	}
	if text := r.Text(sohoa.Vietnamese) + r.Text(sohoa.English); strings.Contains(text, a.code) {
		t.Errorf("no sentence for %s in the text", a.code)
	}
}

// withReason is the signature of which code was found.
func withReason(r *validation.Report, code string) (validation.Signature, bool) {
	for _, s := range r.Signatures {
		for _, reason := range s.Reasons {
			if reason.Code == code && reason.Indication != "" {
				return s, true
			}
		}
	}
	return validation.Signature{}, false
}

// onSealed makes an attack that appends a revision to a file signed by us.
func onSealed(name, code string, change func(t *testing.T, pdf []byte) []object) attack {
	return attack{name, func(t *testing.T) []byte {
		pdf := sealed(t, build(base), person(t), signing.Request{}, nil)
		return update(pdf, change(t, pdf)...)
	}, code, validation.FormatFailure}
}

// one is a change of one object, the same whatever the file.
func one(objects ...object) func(*testing.T, []byte) []object {
	return func(*testing.T, []byte) []object { return objects }
}

// edit is a change of the text of one object.
func edit(num int, from, to string, more ...object) func(*testing.T, []byte) []object {
	return func(t *testing.T, pdf []byte) []object {
		return append([]object{replaced(t, pdf, num, from, to)}, more...)
	}
}

// updates are attacks by incremental update.
func updates() []attack {
	forged := stream("BT /F1 24 Tf 60 700 Td (The sum is 900 dong) Tj ET")
	covering := object{40, "<</Type/Annot/Subtype/FreeText/Rect[0 600 595 800]/DA(/F1 24 Tf)/Contents(900 dong)/P 3 0 R>>"}
	out := []attack{
		onSealed("content swapped", "change.page", one(object{4, forged})),
		onSealed("covering annotation", "change.annotation-added", edit(3, "/Annots", "/Annots[6 0 R 8 0 R 40 0 R]/Old", covering)),
		onSealed("annotation removed", "change.annotation-removed", edit(3, "8 0 R", "")),
		onSealed("annotation changed", "change.annotation", edit(8, "approved", "refused")),
		onSealed("page added", "change.page-tree", edit(2, "/Kids[3 0 R]", "/Kids[3 0 R 41 0 R]", object{41, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"})),
		onSealed("page replaced", "change.page-tree", edit(2, "/Kids[3 0 R]", "/Kids[41 0 R]", object{41, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"})),
		onSealed("page turned", "change.page", edit(3, "/MediaBox", "/Rotate 180/MediaBox")),
		onSealed("appearance replaced", "change.appearance", one(object{7, form("BT (Binh) Tj ET")})),
		onSealed("field made scripted", "change.action", edit(6, "/FT", "/AA<</F<</S/JavaScript/JS(app.alert)>>>>/FT")),
		onSealed("text field added", "change.field-added", edit(1, "6 0 R", "6 0 R 42 0 R", object{42, "<</FT/Tx/T(more)/V(x)>>"})),
		onSealed("script on opening", "change.script", edit(1, "/Pages", "/OpenAction<</S/JavaScript/JS(app.alert)>>/Pages")),
		onSealed("script by name", "change.script", edit(1, "/Pages", "/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(b)>>]>>>>/Pages")),
		onSealed("XFA added", "change.xfa", edit(1, "/Fields", "/XFA 43 0 R/Fields", object{43, stream("<xdp/>")})),
		onSealed("optional content added", "change.object", edit(1, "/Pages", "/OCProperties<</OCGs[44 0 R]>>/Pages", object{44, "<</Type/OCG/Name(x)>>"})),
		onSealed("shadow replace: font", "change.page", edit(5, "Times-Roman", "Wingdings")),
		onSealed("shadow reveal: missing stream appears", "change.page", one(object{30, forged})),
		onSealed("empty field paints over the page", "change.empty-field-visible", edit(1, "6 0 R", "6 0 R 45 0 R",
			object{45, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Cover)/Rect[0 0 595 842]/P 3 0 R/AP<</N 46 0 R>>>>"}, object{46, form("1 g")})),
		onSealed("signature replaced by rubbish", "change.unsound-signature", edit(1, "6 0 R", "6 0 R 45 0 R",
			object{45, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Rubbish)/Rect[0 0 595 842]/P 3 0 R/V 46 0 R>>"},
			object{46, "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 9 9 9]/Contents<00>>>"})),
		onSealed("signature taken out", "signature.removed", func(t *testing.T, pdf []byte) []object {
			return []object{replaced(t, pdf, widget(t, pdf, ""), "/V", "/Gone")}
		}),
		onSealed("signature dressed up", "change.appearance", func(t *testing.T, pdf []byte) []object {
			return []object{replaced(t, pdf, widget(t, pdf, ""), "/FT", "/MK<</CA(Chủ tịch nước)>>/FT")}
		}),
		onSealed("metadata is no metadata", "change.structure", edit(1, "/Pages", "/Metadata 47 0 R/Pages", object{47, stream("x")})),
	}
	value := onSealed("value without permission", "change.value", edit(6, "(An)", "(Binh)", object{7, form("BT (Binh) Tj ET")}))
	value.sub = validation.SigConstraintsFailure
	return append(append(out, value), structures()...)
}

// structures are attacks on how revisions hang together.
func structures() []attack {
	signed := func(t *testing.T) []byte { return sealed(t, build(base), person(t), signing.Request{}, nil) }
	forged := stream("BT (900 dong) Tj ET")
	return []attack{
		{"bytes appended", func(t *testing.T) []byte { return append(signed(t), "% or anything else\n"...) }, "file.trailing-bytes", validation.FormatFailure},
		{"object listed twice", func(t *testing.T) []byte {
			pdf := signed(t)
			out := update(pdf, object{4, forged})
			old := bytes.Index(pdf, []byte("\n4 0 obj")) + 1
			first := fmt.Sprintf("0000000000 65535 f \n4 1\n%010d 00000 n \n", old)
			i := bytes.LastIndex(out, []byte("0000000000 65535 f \n"))
			return append(append(bytes.Clone(out[:i]), first...), out[i+20:]...)
		}, "file.ambiguous", validation.FormatFailure},
		{"key twice in a page", func(t *testing.T) []byte {
			pdf := signed(t)
			return update(pdf, replaced(t, pdf, 3, "/Type", "/Contents 53 0 R /Type"), object{53, forged})
		}, "file.ambiguous", validation.FormatFailure},
		{"two catalogues", func(t *testing.T) []byte {
			pdf := signed(t)
			return appendRevision(pdf, []object{{50, current(t, pdf, 1)}}, lastXRef(pdf), "/Root 50 0 R/Root 1 0 R")
		}, "file.ambiguous", validation.FormatFailure},
		{"hybrid that hides", func(t *testing.T) []byte {
			pdf := signed(t)
			old, at := bytes.Index(pdf, []byte("\n4 0 obj"))+1, len(pdf)
			rows := []byte{1, byte(old >> 8), byte(old), 0}
			pdf = fmt.Appendf(pdf, "54 0 obj\n<</Type/XRef/W[1 2 1]/Index[4 1]/Size 99/Length %d>>\nstream\n%s\nendstream\nendobj\n", len(rows), rows)
			return appendRevision(pdf, []object{{55, "null"}}, lastXRef(pdf[:at]), fmt.Sprintf("/XRefStm %d", at))
		}, "file.hybrid", validation.SigConstraintsFailure},
		{"mark of a second signature over the page", func(t *testing.T) []byte {
			return handmade{id: person(t), rect: "0 0 595 842"}.sign(t, signed(t))
		}, "change.large-mark", validation.SigConstraintsFailure},
		{"other catalogue", func(t *testing.T) []byte {
			pdf := signed(t)
			objects := []object{{50, strings.Replace(current(t, pdf, 1), "2 0 R", "51 0 R", 1)}, {51, "<</Type/Pages/Kids[52 0 R]/Count 1>>"},
				{52, "<</Type/Page/Parent 51 0 R/MediaBox[0 0 595 842]/Contents 53 0 R>>"}, {53, forged}}
			return appendRevision(pdf, objects, lastXRef(pdf), "/Root 50 0 R/Info 9 0 R")
		}, "change.page-tree", validation.FormatFailure},
		{"history cut off", func(t *testing.T) []byte {
			pdf := signed(t)
			// A section of its own that reuses the signed objects where they lie.
			return withoutHistory(t, pdf, object{4, forged})
		}, "byte-range.no-revision", validation.FormatFailure},
		{"object is evidence and content", func(t *testing.T) []byte {
			objects := slices.Clone(base)
			objects[0].body = strings.Replace(objects[0].body, "/Pages", "/DSS<</Certs[4 0 R]>>/Pages", 1)
			pdf := sealed(t, build(objects), person(t), signing.Request{}, nil)
			return update(pdf, object{4, forged})
		}, "change.page", validation.FormatFailure},
		{"field tied to an old dictionary", func(t *testing.T) []byte {
			pdf := handmade{id: person(t)}.sign(t, build(base))
			return update(pdf, object{21, "<</T(Hand)>>"}, replaced(t, pdf, 1, "21 0 R", "22 0 R"),
				object{22, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Other)/V 20 0 R/Rect[0 0 0 0]/P 3 0 R>>"})
		}, "signature.not-in-revision", validation.FormatFailure},
		{"certified without changes, then signed", func(t *testing.T) []byte {
			pdf := handmade{id: person(t), dict: "/Reference[<</TransformMethod/DocMDP/TransformParams<</P 1/V/1.2>>>>]"}.sign(t, build(base))
			return addSecond(t, pdf)
		}, "change.certified", validation.FormatFailure},
		{"locked field filled", func(t *testing.T) []byte {
			pdf := handmade{id: person(t), dict: "/Reference[<</TransformMethod/FieldMDP/TransformParams<</Action/Include/Fields[(name)]>>>>]"}.sign(t, build(base))
			return update(pdf, replaced(t, pdf, 6, "(An)", "(Binh)"))
		}, "change.locked", validation.FormatFailure},
	}
}

// addSecond appends a second handmade signature in another field.
func addSecond(t *testing.T, pdf []byte) []byte {
	t.Helper()
	return handmade{id: person(t), num: 60, field: "Next"}.sign(t, pdf)
}

// withoutHistory writes a single section over all objects, some of which are
// replaced, at the end of pdf.
func withoutHistory(t *testing.T, pdf []byte, swap object) []byte {
	t.Helper()
	out := appendRevision(bytes.Clone(pdf), []object{swap}, -1, "/Info 9 0 R")
	var table strings.Builder
	for num := 1; num < 120; num++ {
		if i := bytes.LastIndex(out[:len(out)-1], []byte("\n"+itoa(num)+" 0 obj")); i >= 0 {
			table.WriteString(itoa(num) + " 1\n" + strings.Repeat("0", 10-len(itoa(i+1))) + itoa(i+1) + " 00000 n \n")
		}
	}
	at := bytes.LastIndex(out, []byte("xref\n0 1"))
	head := "xref\n0 1\n0000000000 65535 f \n" + table.String() + "trailer\n<</Size 120/Root 1 0 R>>\nstartxref\n" + itoa(at) + "\n%%EOF\n"
	return append(out[:at], head...)
}

// ranges are attacks on the byte range.
func ranges() []attack {
	byHand := func(name, code string, h handmade) attack {
		return attack{name, func(t *testing.T) []byte {
			h.id = person(t)
			return h.sign(t, build(base))
		}, code, validation.FormatFailure}
	}
	with := func(f func(start, end, size int) []int) handmade { return handmade{byteRange: f} }
	return []attack{
		byHand("nine bytes", "byte-range.gap", with(func(int, int, int) []int { return []int{0, 4, 5, 5} })),
		byHand("zero bytes", "byte-range.gap", with(func(int, int, int) []int { return []int{0, 0, 0, 0} })),
		byHand("no byte range", "byte-range.malformed", with(func(int, int, int) []int { return nil })),
		byHand("two numbers", "byte-range.malformed", with(func(int, int, int) []int { return []int{0, 100} })),
		byHand("six numbers", "byte-range.malformed", with(func(a, b, n int) []int { return []int{0, a, b, 5, b + 9, n - b - 9} })),
		byHand("does not start at 0", "byte-range.malformed", with(func(a, b, n int) []int { return []int{1, a - 1, b, n - b} })),
		byHand("overlapping", "byte-range.malformed", with(func(a, b, n int) []int { return []int{0, b, a, n - a} })),
		byHand("gap too wide", "byte-range.gap", with(func(a, b, n int) []int { return []int{0, a - 60, b, n - b} })),
		byHand("gap too narrow", "byte-range.gap", with(func(a, b, n int) []int { return []int{0, a + 1, b - 1, n - b + 1} })),
		byHand("beyond the file", "byte-range.malformed", with(func(a, b, n int) []int { return []int{0, a, b, n - b + 1} })),
		byHand("end not covered", "byte-range.no-revision", with(func(a, b, n int) []int { return []int{0, a, b, n - b - 60} })),
		byHand("huge numbers", "byte-range.malformed", with(func(a, b, n int) []int { return []int{0, a, b, 1<<63 - 1 - b} })),
		byHand("repeated key", "dictionary.repeated-key", handmade{dict: "/Contents<00>"}),
	}
}

// messages are attacks on the CMS.
func messages() []attack {
	wrong := func(name, code string, sub validation.SubIndication, cms func(id *testca.Identity) func(*pkcs7.SignedData)) attack {
		return attack{name, func(t *testing.T) []byte {
			id := person(t)
			return handmade{id: id, cms: func(t testing.TB, content []byte) []byte {
				return buildCMS(t, content, id, crypto.SHA256, cms(id))
			}}.sign(t, build(base))
		}, code, sub}
	}
	with := func(id *testca.Identity, attrs ...pkcs7.Attribute) func(*pkcs7.SignedData) {
		return func(sd *pkcs7.SignedData) {
			sd.AddSignerChain(id.Certificate, id.Signer, id.Chain, pkcs7.SignerInfoConfig{ExtraSignedAttributes: attrs})
		}
	}
	return []attack{
		wrong("two signers", "signers.count", validation.FormatFailure, func(id *testca.Identity) func(*pkcs7.SignedData) {
			return func(sd *pkcs7.SignedData) { with(id)(sd); with(id)(sd); sd.Detach() }
		}),
		wrong("no signer", "cms.malformed", validation.FormatFailure, func(*testca.Identity) func(*pkcs7.SignedData) {
			return func(sd *pkcs7.SignedData) { sd.Detach() }
		}),
		wrong("encapsulated content", "cms.encapsulated", validation.FormatFailure, func(id *testca.Identity) func(*pkcs7.SignedData) {
			return with(id, binding(id.Certificate))
		}),
		wrong("not bound", "certificate.unbound", validation.SigConstraintsFailure, func(id *testca.Identity) func(*pkcs7.SignedData) {
			return func(sd *pkcs7.SignedData) { with(id)(sd); sd.Detach() }
		}),
		wrong("bound to another", "certificate.not-bound", validation.SigConstraintsFailure, func(id *testca.Identity) func(*pkcs7.SignedData) {
			return func(sd *pkcs7.SignedData) { with(id, binding(id.Chain[0]))(sd); sd.Detach() }
		}),
		wrong("no attributes", "attributes.missing", validation.SigConstraintsFailure, func(id *testca.Identity) func(*pkcs7.SignedData) {
			return func(sd *pkcs7.SignedData) {
				sd.SignWithoutAttr(id.Certificate, id.Signer, pkcs7.SignerInfoConfig{})
				sd.Detach()
			}
		}),
		{"mail replayed", func(t *testing.T) []byte {
			id := person(t)
			mail := buildCMS(t, []byte("Yes, I agree to lunch."), id, crypto.SHA256, with(id))
			return handmade{id: id, byteRange: func(int, int, int) []int { return []int{0, 0, 0, 0} },
				cms: func(testing.TB, []byte) []byte { return mail }}.sign(t, build(base))
		}, "cms.encapsulated", validation.FormatFailure},
		{"signature of another file", func(t *testing.T) []byte {
			id := person(t)
			return handmade{id: id, cms: func(t testing.TB, _ []byte) []byte {
				return goodCMS(id, crypto.SHA256)(t, []byte("another"))
			}}.sign(t, build(base))
		}, "digest.mismatch", validation.HashFailure},
		{"signed byte changed", func(t *testing.T) []byte {
			pdf := sealed(t, build(base), person(t), signing.Request{}, nil)
			pdf[bytes.Index(pdf, []byte("100 dong"))] = '9'
			return pdf
		}, "digest.mismatch", validation.HashFailure},
		{"signature value changed", func(t *testing.T) []byte {
			id := person(t, testca.WithKey(testca.RSA2048))
			return handmade{id: id, cms: func(t testing.TB, content []byte) []byte {
				der := goodCMS(id, crypto.SHA256)(t, content)
				der[len(der)-5] ^= 1
				return der
			}}.sign(t, build(base))
		}, "signature.wrong", validation.SigCryptoFailure},
		{"attributes changed", func(t *testing.T) []byte {
			id := person(t)
			return handmade{id: id, cms: func(t testing.TB, content []byte) []byte {
				der := goodCMS(id, crypto.SHA256)(t, content)
				time := bytes.Index(der, []byte{0x17, 0x0d}) // UTCTime of signing-time
				for i := bytes.LastIndex(der, []byte{0x17, 0x0d}); i > time; {
					der[i+3]++
					break
				}
				return der
			}}.sign(t, build(base))
		}, "signature.wrong", validation.SigCryptoFailure},
		{"bytes after the message", func(t *testing.T) []byte {
			id := person(t)
			return handmade{id: id, cms: func(t testing.TB, content []byte) []byte {
				return append(goodCMS(id, crypto.SHA256)(t, content), "%PDF"...)
			}}.sign(t, build(base))
		}, "contents.padding", validation.FormatFailure},
		{"no CMS", func(t *testing.T) []byte {
			return handmade{id: person(t), cms: func(testing.TB, []byte) []byte { return []byte("rubbish") }}.sign(t, build(base))
		}, "cms.malformed", validation.FormatFailure},
	}
}

// trusts are attacks on who signed and when.
func trusts() []attack {
	byHand := func(name, code string, sub validation.SubIndication, make func(t *testing.T) handmade) attack {
		return attack{name, func(t *testing.T) []byte { return make(t).sign(t, build(base)) }, code, sub}
	}
	old := testca.WithValidity(now.AddDate(-3, 0, 0), now.AddDate(-1, 0, 0))
	return []attack{
		byHand("unknown authority", "chain.none", validation.NoCertificateChain, func(t *testing.T) handmade {
			return handmade{id: stranger(t)}
		}),
		byHand("unknown authority with a trusted certificate beside it", "chain.none", validation.NoCertificateChain, func(t *testing.T) handmade {
			id := stranger(t)
			id.Chain = append(person(t).Chain, ca(t).Root())
			// pkcs7 checks the chain: the bag is filled afterwards.
			return handmade{id: id, cms: func(t testing.TB, content []byte) []byte {
				return buildCMS(t, content, id, crypto.SHA256, func(sd *pkcs7.SignedData) {
					sd.AddSigner(id.Certificate, id.Signer, pkcs7.SignerInfoConfig{ExtraSignedAttributes: []pkcs7.Attribute{binding(id.Certificate)}})
					for _, c := range id.Chain {
						sd.AddCertificate(c)
					}
					sd.Detach()
				})
			}}
		}),
		byHand("SHA-1", "algorithm.weak", validation.CryptoConstraintsPOE, func(t *testing.T) handmade {
			id := person(t)
			return handmade{id: id, cms: goodCMS(id, crypto.SHA1)}
		}),
		byHand("key too short", "algorithm.weak", validation.CryptoConstraintsPOE, func(t *testing.T) handmade {
			return handmade{id: person(t, testca.WithKey(testca.RSA1024))}
		}),
		byHand("expired", "certificate.out-of-bounds", validation.OutOfBoundsNoPOE, func(t *testing.T) handmade {
			return handmade{id: person(t, old)}
		}),
		byHand("expired, back-dated by an untrusted authority", "certificate.out-of-bounds", validation.OutOfBoundsNoPOE, func(t *testing.T) handmade {
			id, other := person(t, old), foreign(t)
			tsa := other.TSA()
			tsa.SetClock(func() time.Time { return now.AddDate(-2, 0, 0) })
			return handmade{id: id, cms: stamped(id, tsa, same)}
		}),
		byHand("expired, timestamp over something else", "certificate.out-of-bounds", validation.OutOfBoundsNoPOE, func(t *testing.T) handmade {
			id := person(t, old)
			return handmade{id: id, cms: stamped(id, ca(t).TSA(), func([]byte) []byte { return []byte("else") })}
		}),
		byHand("certificate for certificates", "certificate.usage", validation.ChainConstraints, func(t *testing.T) handmade {
			return handmade{id: person(t, testca.WithUsage(1<<5))}
		}),
		{"revoked, says the evidence", func(t *testing.T) []byte {
			id := person(t)
			pdf := handmade{id: id}.sign(t, build(base))
			ca(t).Revoke(id.Certificate, testca.Revocation{Time: now.Add(-time.Hour)})
			crl, err := ca(t).CRL()
			if err != nil {
				t.Fatal(err)
			}
			return update(pdf, replaced(t, pdf, 1, "/Pages", "/DSS<</CRLs[70 0 R]>>/Pages"), object{70, stream(string(crl))})
		}, "certificate.revoked", validation.RevokedNoPOE},
	}
}

func foreign(t *testing.T) *testca.Authority {
	t.Helper()
	other, err := testca.New(clock)
	if err != nil {
		t.Fatal(err)
	}
	return other
}

// stranger is somebody of an authority that nobody trusts.
func stranger(t *testing.T) *testca.Identity {
	t.Helper()
	id, err := foreign(t).Person("Nguyễn Vĩnh Nghĩa", "UBND tỉnh Hà Tĩnh", testca.WithKey(testca.P256))
	if err != nil {
		t.Fatal(err)
	}
	return id
}
