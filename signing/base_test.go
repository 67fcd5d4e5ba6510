package signing_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
)

// note notes the Base of a document, and sends it through its JSON.
func note(t testing.TB, pdf []byte) *signing.Base {
	t.Helper()
	n := signing.NewNoter()
	for b := range bytes.Lines(pdf) {
		n.Write(b)
	}
	base, err := n.Base(bytes.NewReader(pdf))
	if err != nil {
		t.Fatal(err)
	}
	record, err := json.Marshal(base)
	if err != nil {
		t.Fatal(err)
	}
	base = &signing.Base{}
	if err := json.Unmarshal(record, base); err != nil {
		t.Fatal(err)
	}
	return base
}

// metered counts what is read.
type metered struct {
	io.ReaderAt
	read int
}

func (m *metered) ReadAt(b []byte, at int64) (int, error) {
	n, err := m.ReaderAt.ReadAt(b, at)
	m.read += n
	return n, err
}

// TestBase signs documents with and without what was noted of them: the
// results are the same, byte for byte, and little is read.
func TestBase(t *testing.T) {
	once, _ := sign(t, plain{}.stream(), signing.Request{}, nil)
	tests := []struct {
		name string
		pdf  []byte
		mark *mark.Mark
		read int // at most, bytes
	}{
		{"scan", bundle(t, 10), nil, 2 << 10},
		{"mark", bundle(t, 3), mark.Agency("", "Ủy ban nhân dân tỉnh Hà Tĩnh", moment), 2 << 10},
		{"mark on the last page", bundle(t, 10), &mark.Mark{Corner: mark.TopRight, Page: 10, Lines: []string{"x"}}, 32 << 10},
		{"object streams", plain{}.stream(), nil, 2 << 10},
		{"signed before", once, nil, 2 << 10},
		{"form", plain{objects: map[int]string{1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>", 5: "<</FT/Tx/T(A)/V 6 0 R>>", 6: "(x)"}}.table(), nil, 2 << 10},
		{"odd values", plain{objects: map[int]string{1: "<</Type/Catalog/Pages 2 0 R/X[(\\051\\n) <41> 1.50 true null /A#20B -7]/Lang(vi)>>"}}.table(), nil, 2 << 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := signing.Request{Time: moment, Name: "Nghĩa", Mark: tt.mark}
			want := prepare(t, tt.pdf, testca.P256, req)
			req.Base = note(t, tt.pdf)
			m := &metered{ReaderAt: bytes.NewReader(tt.pdf)}
			got, err := signing.Prepare(t.Context(), m, int64(len(tt.pdf)), key(t, testca.P256).Certificates(), req)
			if err != nil {
				t.Fatal(err)
			}
			if m.read > tt.read {
				t.Errorf("%d bytes were read of %d, want at most %d", m.read, len(tt.pdf), tt.read)
			}
			if !bytes.Equal(got.Before, want.Before) || !bytes.Equal(got.After, want.After) ||
				!bytes.Equal(got.Attributes, want.Attributes) || got.BaseDigest != want.BaseDigest {
				t.Error("the signature is not the one that is made without a Base")
			}
			value, err := key(t, testca.P256).Sign(t.Context(), got)
			if err != nil {
				t.Fatal(err)
			}
			c, err := signing.Complete(t.Context(), got, value, nil)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := c.Write(t.Context(), &out, bytes.NewReader(tt.pdf)); err != nil {
				t.Fatal(err)
			}
			if vs := pdfsig(t, out.Bytes()); len(vs) == 0 || !vs[len(vs)-1].Valid || !vs[len(vs)-1].Total {
				t.Errorf("pdfsig = %+v, want a valid signature over all of it", vs)
			}
		})
	}
}

// TestBaseRefusesOtherBytes has notes that do not fit the document.
func TestBaseRefusesOtherBytes(t *testing.T) {
	pdf := bundle(t, 1)
	longer := append(bytes.Clone(pdf), '\n')
	other := bytes.Clone(pdf)
	other[len(other)-200] ^= 1
	middle := bytes.Clone(pdf)
	middle[len(middle)/2] ^= 1
	good := note(t, pdf)
	tests := []struct {
		name string
		pdf  []byte
		base func(*signing.Base)
		code string
	}{
		{"grown", longer, func(*signing.Base) {}, "sign.base"},
		{"changed at its end", other, func(*signing.Base) {}, "sign.base"},
		{"another digest", pdf, func(b *signing.Base) { b.Digest = sohoa.Sum(nil) }, "sign.base"},
		{"another state", pdf, func(b *signing.Base) { b.State = note(t, longer).State }, "sign.base"},
		{"no state", pdf, func(b *signing.Base) { b.State = nil }, "sign.base"},
		{"changed in the middle", middle, func(*signing.Base) {}, "sign.changed"},
		{"of another version", pdf, func(b *signing.Base) { b.Version, b.State, b.Skeleton = 99, nil, nil }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := *good
			tt.base(&base)
			var out bytes.Buffer
			_, err := signing.Sign(t.Context(), bytes.NewReader(tt.pdf), int64(len(tt.pdf)), &out, key(t, testca.P256), signing.Request{Base: &base}, nil)
			if tt.code != "" {
				wantProblem(t, err, tt.code)
			} else if err != nil {
				t.Errorf("Sign = %v, want a signature", err)
			}
		})
	}
}

// TestBaseOfWhatIsRefused has no skeleton: Prepare reads the document and says
// what is wrong with it.
func TestBaseOfWhatIsRefused(t *testing.T) {
	tests := []struct {
		pdf  []byte
		code string
	}{
		{[]byte("no PDF"), "sign.refused-damaged"},
		{plain{trailer: "/Encrypt<</Filter/Standard>>"}.table(), "sign.refused-encrypted"},
	}
	for _, tt := range tests {
		_, err := signing.Prepare(t.Context(), bytes.NewReader(tt.pdf), int64(len(tt.pdf)), key(t, testca.P256).Certificates(),
			signing.Request{Base: note(t, tt.pdf)})
		wantProblem(t, err, tt.code)
	}
}
