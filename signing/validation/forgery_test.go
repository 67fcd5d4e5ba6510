package validation_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"

	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// forgery is an attack on what proves who signed, when, and that he might. Its
// file is checked two hours after the time of the tests.
type forgery struct {
	name string
	make func(t *testing.T, p *pki) []byte
	code string
	sub  validation.SubIndication
}

func TestNoForgeryPasses(t *testing.T) {
	forgeries := append(forgedEvidence(), forgedTime()...)
	for _, f := range forgeries {
		t.Run(f.name, func(t *testing.T) {
			p := newPKI(t)
			a := attack{code: f.code, sub: f.sub}
			a.refused(t, validate(t, f.make(t, p), p.trusting()))
		})
	}
	t.Logf("%d forged files", len(forgeries))
}

// thief is somebody whose certificate was revoked before he signed, and the
// list that says so.
func (p *pki) thief(t *testing.T) (id *testca.Identity, list []byte) {
	id = p.person(t)
	return id, p.list(t, p.issuing, revoking(id.Certificate, now.Add(-24*time.Hour), 0))
}

func forgedEvidence() []forgery {
	revoked, later := validation.RevokedNoPOE, validation.TryLater
	return []forgery{
		{"forged OCSP answer alone", func(t *testing.T, p *pki) []byte {
			id := p.person(t)
			answers, _ := forgedAnswer(t, p, id)
			return inStore(t, p.signed(t, id), nil, answers)
		}, "evidence.none-genuine", later},
		{"forged OCSP answer beside the genuine list", func(t *testing.T, p *pki) []byte {
			id, list := p.thief(t)
			answers, _ := forgedAnswer(t, p, id)
			return inStore(t, p.signed(t, id), nil, answers, list)
		}, "certificate.revoked", revoked},
		{"forged store: list that claims the authority's key", func(t *testing.T, p *pki) []byte {
			id := p.person(t)
			_, lists := otherList("Issuing", func(p *pki) []byte { return p.issuing.cert.SubjectKeyId })(t, p, id)
			return inStore(t, p.signed(t, id), nil, nil, lists...)
		}, "evidence.none-genuine", later},
		{"wrong issuer's list beside the genuine one", func(t *testing.T, p *pki) []byte {
			id, list := p.thief(t)
			_, lists := otherList("Another", nil)(t, p, id)
			return inStore(t, p.signed(t, id), nil, nil, append(lists, list)...)
		}, "certificate.revoked", revoked},
		{"answer by the signer himself", func(t *testing.T, p *pki) []byte {
			id := p.person(t)
			own := p.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Thief"}}, p.issuing)
			return inStore(t, p.signed(t, id), nil, [][]byte{p.answer(t, id.Certificate, own, nil)})
		}, "evidence.none-genuine", later},
		{"list of authorities says nothing about people", func(t *testing.T, p *pki) []byte {
			id, list := p.thief(t)
			cas := p.list(t, p.issuing, extended(oidScope, []byte{0x30, 3, 0x82, 1, 0xff}))
			return inStore(t, p.signed(t, id), nil, nil, cas, list)
		}, "certificate.revoked", revoked},
		{"evidence taken out afterwards", func(t *testing.T, p *pki) []byte {
			id, list := p.thief(t)
			pdf := inStore(t, build(base), nil, nil, list)
			pdf = handmade{id: id, cms: stamped(id, stampAt{p, now}, same)}.sign(t, pdf)
			return update(pdf, replaced(t, pdf, 1, "/CRLs[200 0 R]", "/CRLs[]"))
		}, "change.evidence-removed", validation.SigConstraintsFailure},
		{"VRI entry altered", func(t *testing.T, p *pki) []byte {
			id := p.person(t)
			pdf := update(build(base), object{1, strings.Replace(base[0].body, "/Pages", "/DSS<</VRI<</AA<</TU(D:20260101000000Z)>>>>>>/Pages", 1)})
			pdf = handmade{id: id}.sign(t, pdf)
			return update(pdf, replaced(t, pdf, 1, "20260101", "20200101"))
		}, "change.evidence-removed", validation.SigConstraintsFailure},
		{"authority revoked", func(t *testing.T, p *pki) []byte {
			return inStore(t, p.signed(t, p.person(t)), nil, nil, p.list(t, p.root, revoking(p.issuing.cert, now.Add(-time.Hour), 2)))
		}, "authority.revoked", validation.RevokedCANoPOE},
		{"certificate issued by a person", func(t *testing.T, p *pki) []byte {
			middle := p.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Person"}}, p.issuing)
			made := p.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Chủ tịch"}}, middle)
			id := &testca.Identity{Signer: made.key, Certificate: made.cert, Chain: []*x509.Certificate{middle.cert, p.issuing.cert}}
			return handmade{id: id, cms: bagged(id)}.sign(t, build(base))
		}, "chain.none", validation.NoCertificateChain},
		{"authority of the same name", func(t *testing.T, p *pki) []byte {
			id := newPKI(t).person(t)
			id.Chain = []*x509.Certificate{p.issuing.cert, p.root.cert}
			return handmade{id: id, cms: bagged(id)}.sign(t, build(base))
		}, "chain.none", validation.NoCertificateChain},
	}
}

// bagged is a CMS with the chain beside the signer, whether it fits or not.
func bagged(id *testca.Identity) func(testing.TB, []byte) []byte {
	return func(t testing.TB, content []byte) []byte {
		return buildCMS(t, content, id, crypto.SHA256, func(sd *pkcs7.SignedData) {
			sd.AddSigner(id.Certificate, id.Signer, pkcs7.SignerInfoConfig{ExtraSignedAttributes: []pkcs7.Attribute{binding(id.Certificate)}})
			for _, c := range id.Chain {
				sd.AddCertificate(c)
			}
			sd.Detach()
		})
	}
}

func forgedTime() []forgery {
	week := now.AddDate(0, 0, -7)
	stampedBy := func(t *testing.T, id *testca.Identity, unit stampUnit, over func([]byte) []byte) []byte {
		return handmade{id: id, cms: stamped(id, unit, over)}.sign(t, build(base))
	}
	return []forgery{
		{"revoked, back-dated by an untrusted unit", func(t *testing.T, p *pki) []byte {
			id, list := p.thief(t)
			return inStore(t, stampedBy(t, id, stampAt{newPKI(t), week}, same), nil, nil, list)
		}, "certificate.revoked", validation.RevokedNoPOE},
		{"revoked, back-dated by a stolen unit", func(t *testing.T, p *pki) []byte {
			id, list := p.thief(t)
			units := func(l *x509.RevocationList) {
				revoking(p.unit.cert, now.Add(-time.Hour), 1)(l)
				l.ThisUpdate = now.Add(time.Minute)
			}
			return inStore(t, stampedBy(t, id, stampAt{p, week}, same), nil, nil, list, p.list(t, p.issuing, units))
		}, "certificate.revoked", validation.RevokedNoPOE},
		{"revoked, with a token of another signature", func(t *testing.T, p *pki) []byte {
			id, list := p.thief(t)
			other := func([]byte) []byte { return []byte("another signature value") }
			return inStore(t, stampedBy(t, id, stampAt{p, week}, other), nil, nil, list)
		}, "certificate.revoked", validation.RevokedNoPOE},
		{"revoked, stamped by a person", func(t *testing.T, p *pki) []byte {
			id, list := p.thief(t)
			unit := p.issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "Person"}}, p.issuing)
			fake := *p
			fake.unit = unit
			return inStore(t, stampedBy(t, id, stampAt{&fake, week}, same), nil, nil, list)
		}, "certificate.revoked", validation.RevokedNoPOE},
		{"document timestamp of an untrusted unit", func(t *testing.T, p *pki) []byte {
			return newPKI(t).archived(t, p.signed(t, p.person(t)), now)
		}, "chain.none", validation.NoCertificateChain},
		{"document timestamp from the future", func(t *testing.T, p *pki) []byte {
			return p.archived(t, p.signed(t, p.person(t)), now.AddDate(1, 0, 0))
		}, "timestamp.in-future", validation.SigConstraintsFailure},
		{"document timestamp of another file", func(t *testing.T, p *pki) []byte {
			h := handmade{num: 60, field: "Copied", subFilter: "ETSI.RFC3161", cms: func(t testing.TB, _ []byte) []byte {
				return token(t, stampAt{p, now}, []byte("another file"))
			}}
			return h.signAs(t, p.signed(t, p.person(t)), "DocTimeStamp")
		}, "digest.mismatch", validation.HashFailure},
		{"document timestamp that is a signature", func(t *testing.T, p *pki) []byte {
			h := handmade{id: p.person(t), num: 60, field: "Sly", subFilter: "ETSI.RFC3161"}
			return h.signAs(t, p.signed(t, p.person(t)), "DocTimeStamp")
		}, "cms.malformed", validation.FormatFailure},
		{"signature that is a token", func(t *testing.T, p *pki) []byte {
			h := handmade{num: 60, field: "Sly", cms: func(t testing.TB, content []byte) []byte { return token(t, stampAt{p, now}, content) }}
			return h.sign(t, p.signed(t, p.person(t)))
		}, "cms.encapsulated", validation.FormatFailure},
		{"signature copied to another file", func(t *testing.T, p *pki) []byte {
			id := p.person(t)
			var message []byte
			first := handmade{id: id, cms: func(t testing.TB, content []byte) []byte {
				message = goodCMS(id, crypto.SHA256)(t, content)
				return message
			}}
			first.sign(t, build(base))
			other := append(base[:3:3], object{4, stream("BT (Another decision) Tj ET")})
			return handmade{id: id, cms: func(testing.TB, []byte) []byte { return message }}.sign(t, build(append(other, base[4:]...)))
		}, "digest.mismatch", validation.HashFailure},
		{"signed twice with one message", func(t *testing.T, p *pki) []byte {
			id := p.person(t)
			var message []byte
			pdf := handmade{id: id, cms: func(t testing.TB, content []byte) []byte {
				message = goodCMS(id, crypto.SHA256)(t, content)
				return message
			}}.sign(t, build(base))
			return handmade{id: id, num: 60, field: "Copy", cms: func(testing.TB, []byte) []byte { return bytes.Clone(message) }}.sign(t, pdf)
		}, "digest.mismatch", validation.HashFailure},
	}
}
