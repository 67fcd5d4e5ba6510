package signing_test

import (
	"net/http/httptest"
	"testing"

	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
)

func TestSign(t *testing.T) {
	server := httptest.NewServer(ca(t).TSA())
	defer server.Close()
	tsa := &signing.TSA{URLs: []string{server.URL}, Roots: ca(t).Pool()}
	tests := []struct {
		name string
		pdf  []byte
		alg  testca.Algorithm
		req  signing.Request
	}{
		{"table", plain{}.table(), testca.P256, signing.Request{}},
		{"stream", plain{}.stream(), testca.P256, signing.Request{}},
		{"RSA", plain{}.table(), testca.RSA2048, signing.Request{}},
		{"RSA 4096", plain{}.table(), testca.RSA4096, signing.Request{}},
		{"PSS", plain{}.table(), testca.RSA2048, signing.Request{PSS: true}},
		{"P-384", plain{}.table(), testca.P384, signing.Request{}},
		{"P-521", plain{}.table(), testca.P521, signing.Request{}},
		{"timestamp", plain{}.table(), testca.RSA2048, signing.Request{Level: signing.LevelT}},
		{"Vietnamese", plain{}.stream(), testca.P256, signing.Request{
			Name: "Nguyễn Vĩnh Nghĩa \\ (Hà Tĩnh)", Reason: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Location: "Vĩnh Long, Tiến sĩ"}},
		{"visible", plain{}.table(), testca.P256, signing.Request{
			Mark: mark.Agency("Sao y", "Ủy ban nhân dân tỉnh Hà Tĩnh", moment)}},
		{"not ASCII field", plain{}.table(), testca.P256, signing.Request{Field: "Chữ ký"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			once, res := signWith(t, tt.pdf, key(t, tt.alg), tt.req, tsa)
			if want := max(tt.req.Level, signing.LevelB); res.Level != want || res.TimestampProblem != nil {
				t.Errorf("reached %s (%v), want %s", res.Level, res.TimestampProblem, want)
			}
			wantSigned(t, once, 1)
			twice, _ := signWith(t, once, key(t, testca.P256), signing.Request{}, nil)
			wantSigned(t, twice, 2)
		})
	}
}
