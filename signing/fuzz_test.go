package signing_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"

	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
)

// FuzzSign signs whatever can be signed: what was there must stay, and our
// own reader must find the signature waiting for its timestamp.
func FuzzSign(f *testing.F) {
	tsa, _ := stamper(f, testca.FaultNone)
	once, _ := sign(f, plain{}.table(), signing.Request{Level: signing.LevelT}, nil)
	f.Add(plain{}.table())
	f.Add(plain{}.stream())
	f.Add(once)
	f.Add(withSignature(signed("/Reference[<</TransformMethod/FieldMDP/TransformParams<</Action/Include/Fields[(X)]>>>>]"), "/Lock<</Action/Exclude/Fields[(Y)]>>", "/Perms<</DocMDP 6 0 R>>"))
	f.Fuzz(func(t *testing.T, pdf []byte) {
		var out bytes.Buffer
		req := signing.Request{Level: signing.LevelT, Mark: mark.Operator("Nghĩa", moment)}
		_, err := signing.Sign(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), &out, key(t, testca.P256), req, nil)
		if err != nil {
			if out.Len() != 0 {
				t.Fatalf("Sign wrote %d bytes and failed: %v", out.Len(), err)
			}
			return
		}
		if !bytes.HasPrefix(out.Bytes(), pdf) {
			t.Fatal("the signed file does not begin with the file that was signed")
		}
		size := int64(out.Len())
		if _, err := signing.AddTimestamp(t.Context(), bytes.NewReader(out.Bytes()), size, io.Discard, tsa); err != nil {
			t.Fatalf("AddTimestamp to what we signed = %v", err)
		}
	})
}

// FuzzAddTimestamp reads foreign signatures.
func FuzzAddTimestamp(f *testing.F) {
	pdf, _ := sign(f, plain{}.table(), signing.Request{Level: signing.LevelT}, nil)
	_, cms := split(f, pdf)
	f.Add(cms)
	f.Add([]byte{0x30, 0x80, 0x06, 0x00, 0x00, 0x00})
	at := bytes.LastIndex(pdf, []byte("/Contents <")) + len("/Contents <")
	f.Fuzz(func(t *testing.T, cms []byte) {
		changed := bytes.Clone(pdf)
		const digits = "0123456789abcdef"
		for i, c := range cms {
			if at+2*i+1 >= len(pdf) || pdf[at+2*i+1] == '>' || pdf[at+2*i] == '>' {
				return
			}
			changed[at+2*i], changed[at+2*i+1] = digits[c>>4], digits[c&15]
		}
		var out bytes.Buffer
		_, err := signing.AddTimestamp(t.Context(), bytes.NewReader(changed), int64(len(changed)), &out, fixed("token"))
		if err == nil {
			t.Error("AddTimestamp took a token that is none")
		}
	})
}

// fixed is a Stamper whose token is always the same.
type fixed []byte

func (s fixed) Stamp(context.Context, []byte) ([]byte, error) { return s, nil }

// FuzzTSA reads foreign answers: none is right, because none has our nonce.
func FuzzTSA(f *testing.F) {
	unit := ca(f).TSA()
	unit.Misbehave(testca.FaultNoNonce)
	var request []byte
	capture := &signing.TSA{URLs: []string{"http://tsa.test"}, Client: &http.Client{Transport: transport(func(b []byte) []byte {
		request = b
		return nil
	})}}
	capture.Stamp(f.Context(), make([]byte, 32))
	answer, err := unit.Respond(request)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(answer)
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		tsa := &signing.TSA{URLs: []string{"http://tsa.test"}, Roots: ca(t).Pool(),
			Client: &http.Client{Transport: transport(func([]byte) []byte { return answer })}}
		_, err := tsa.Stamp(t.Context(), make([]byte, 32))
		wantProblem(t, err, "sign.tsa-answer")
	})
}

// transport answers every request with what it makes of the body.
type transport func(body []byte) []byte

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(f(body))), Request: r}, nil
}
