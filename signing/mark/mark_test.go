package mark_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"sohoa"
	"sohoa/signing/mark"
)

var at = time.Date(2024, 8, 28, 7, 34, 48, 0, time.UTC)

// sheet is A4.
var sheet = mark.Page{Box: mark.Box{0, 0, 595, 842}}

func draw(t testing.TB, m *mark.Mark, p mark.Page) *mark.Drawing {
	t.Helper()
	d, err := m.Draw(p)
	if err != nil {
		t.Fatalf("Draw = %v", err)
	}
	return d
}

func TestTexts(t *testing.T) {
	const time = "28.08.2024 14:34:48 +07:00"
	tests := []struct {
		name string
		mark *mark.Mark
		want string
	}{
		{"operator", mark.Operator("Nguyễn Vĩnh Nghĩa", at), "Nguyễn Vĩnh Nghĩa|" + time},
		{"copy", mark.Agency(mark.FormExtract, "UBND tỉnh", at), "Trích sao|UBND tỉnh|" + time},
		{"archive", mark.Agency("", "UBND tỉnh", at), "UBND tỉnh|" + time},
		{"attachment", mark.Attachment("15/QĐ-UBND", at), "15/QĐ-UBND|" + time},
		{"certified", mark.Certified(), "BẢN SAO"},
		{"converted", mark.Converted("UBND xã Kỳ Sơn", at), "Chuyển đổi từ văn bản giấy|UBND xã Kỳ Sơn|" + time},
		{"person", mark.Person(nil), ""},
		{"lines", &mark.Mark{Lines: []string{"a", "b"}, Time: at}, "a|b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(tt.mark.Text(), "|"); got != tt.want {
				t.Errorf("Text = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestMarksTravel sends each kind as JSON with what is known beforehand, and
// completes it as signing does.
func TestMarksTravel(t *testing.T) {
	tests := []struct{ sent, text string }{
		{`{"kind":"operator"}`, "Lê Sĩ|28.08.2024 14:34:48 +07:00"},
		{`{"kind":"operator","lines":["Trần A"],"time":"2024-08-27T17:00:00Z"}`, "Trần A|28.08.2024 00:00:00 +07:00"},
		{`{"kind":"copy","lines":["Sao y"]}`, "Sao y|Lê Sĩ|28.08.2024 14:34:48 +07:00"},
		{`{"kind":"agency","page":2,"at":{"x":1,"y":2,"width":90,"height":40}}`, "Lê Sĩ|28.08.2024 14:34:48 +07:00"},
		{`{"kind":"attachment","lines":["15/QĐ"],"avoid":[{"x":1,"y":2,"width":3,"height":4}]}`, "15/QĐ|28.08.2024 14:34:48 +07:00"},
		{`{"kind":"certified","corner":"top-left"}`, "BẢN SAO"},
		{`{"kind":"seal","side":35}`, ""},
		{`{"qr":"https://a.vn/1"}`, ""},
	}
	for _, tt := range tests {
		var m mark.Mark
		if err := json.Unmarshal([]byte(tt.sent), &m); err != nil {
			t.Fatal(err)
		}
		if err := m.Check(); err != nil {
			t.Errorf("Check of %s = %v", tt.sent, err)
		}
		if again, err := json.Marshal(m); err != nil || string(again) != tt.sent {
			t.Errorf("Marshal = %s, %v, want %s", again, err, tt.sent)
		}
		if got := strings.Join(m.Signed("Lê Sĩ", at).Text(), "|"); got != tt.text {
			t.Errorf("Text of %s = %q, want %q", tt.sent, got, tt.text)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	long := "https://a.vn/" + strings.Repeat("a", 200)
	tests := []struct {
		mark *mark.Mark
		code string
	}{
		{&mark.Mark{Kind: "stamp"}, "sign.mark-kind"},
		{&mark.Mark{Corner: "middle"}, "sign.mark-kind"},
		{&mark.Mark{Kind: mark.KindSeal, Side: 61}, "sign.mark-image"},
		{&mark.Mark{Kind: mark.KindPerson, Side: 36}, "sign.mark-image"},
		{&mark.Mark{Kind: mark.KindAttachment}, "sign.mark-text"},
		{&mark.Mark{Kind: mark.KindCopy}, "sign.mark-text"},
		{&mark.Mark{Kind: mark.KindPerson, Lines: []string{"a"}}, "sign.mark-text"},
		{&mark.Mark{Lines: []string{strings.Repeat("ữ", 1001)}}, "sign.mark-text"},
		{&mark.Mark{QR: "javascript:alert(1)"}, "sign.mark-qr"},
		{&mark.Mark{QR: "https:///x"}, "sign.mark-qr"},
		{&mark.Mark{QR: "https://a.vn/ữ"}, "sign.mark-qr"},
		{&mark.Mark{QR: long}, "sign.mark-qr"},
		{&mark.Mark{Kind: mark.KindSeal, QR: "https://a.vn/"}, "sign.mark-qr"},
	}
	for _, tt := range tests {
		wantProblem(t, fmt.Sprintf("Check(%+v)", *tt.mark), tt.mark.Check(), tt.code)
	}
	for _, m := range []*mark.Mark{mark.Person(nil), mark.Seal(nil), {Image: &mark.Image{Width: 1, Height: 1}, Lines: []string{"a"}}} {
		_, err := m.Draw(sheet)
		wantProblem(t, fmt.Sprintf("Draw(%+v)", *m), err, "sign.mark-image")
	}
}

func wantProblem(t *testing.T, what string, err error, code string) {
	t.Helper()
	if p := sohoa.AsProblem(err); err == nil || p.Code != code {
		t.Errorf("%s = %v, want %s", what, err, code)
	}
}

func TestDrawStaysOnThePage(t *testing.T) {
	long := "Trung tâm Phục vụ hành chính công và Kiểm soát thủ tục"
	for _, box := range []mark.Box{{0, 0, 595, 842}, {-50, 20, 160, 318}, {0, 0, 100, 140}, {0, 0, 1684, 2384}} {
		for _, rotate := range []int{0, 90, 180, 270} {
			for _, corner := range []mark.Corner{mark.TopLeft, mark.TopRight} {
				d := draw(t, &mark.Mark{Corner: corner, Lines: []string{"Sao y", long, mark.Time(at)}}, mark.Page{Box: box, Rotate: rotate})
				r := d.Rect
				if r[0] < box[0] || r[1] < box[1] || r[2] > box[2] || r[3] > box[3] || r.Width() <= 0 || r.Height() <= 0 {
					t.Errorf("on %v turned by %d at %s: %v", box, rotate, corner, r)
				}
				w, h := d.BBox.Width(), d.BBox.Height()
				if rotate%180 != 0 {
					w, h = h, w
				}
				if diff := r.Width() - w + r.Height() - h; diff > 1e-6 || diff < -1e-6 {
					t.Errorf("on %v turned by %d: %v does not fit %v", box, rotate, d.BBox, r)
				}
			}
		}
	}
}

func TestTypeIsTenPointsWhereItFits(t *testing.T) {
	if d := draw(t, mark.Operator("Nguyễn Vĩnh Nghĩa", at), sheet); !bytes.Contains(d.Content, []byte("/F0 10 Tf\n0 g\n")) {
		t.Errorf("content is\n%s\nwant 10 points, black", d.Content)
	}
	small := draw(t, mark.Agency("Sao y", strings.Repeat("Trung tâm ", 60), at), sheet)
	if bytes.Contains(small.Content, []byte("/F0 10 Tf")) {
		t.Error("600 letters are set in 10 points, want smaller type")
	}
}

func TestNoRoom(t *testing.T) {
	_, err := mark.Operator("Nguyễn Vĩnh Nghĩa", at).Draw(mark.Page{Box: mark.Box{0, 0, 10, 10}})
	if !errors.Is(err, mark.ErrNoRoom) {
		t.Errorf("Draw on 10×10 points = %v, want ErrNoRoom", err)
	}
	if _, err := (&mark.Mark{}).Draw(sheet); !errors.Is(err, mark.ErrNoRoom) {
		t.Errorf("Draw of nothing = %v, want ErrNoRoom", err)
	}
}

// TestDecomposedTextIsComposed wants one drawing of both forms of a text.
func TestDecomposedTextIsComposed(t *testing.T) {
	a := draw(t, &mark.Mark{Lines: []string{"Vi\u1ec7t"}}, sheet)
	b := draw(t, &mark.Mark{Lines: []string{"Vie\u0323\u0302t"}}, sheet)
	if !bytes.Equal(a.Content, b.Content) || a.Font.Name != b.Font.Name {
		t.Errorf("decomposed text is drawn as\n%s\nwant\n%s", b.Content, a.Content)
	}
}

// TestSubset reads the font with another parser: every glyph that is shown
// has an outline and the width that is declared.
func TestSubset(t *testing.T) {
	d := draw(t, &mark.Mark{Lines: []string{"ẶằĨưởĐ 1/2 – “”…", "漢"}}, sheet)
	// The parser wants tables that PDF does not.
	font, err := sfnt.Parse(withTables(d.Font.Program))
	if err != nil {
		t.Fatalf("Parse of the subset = %v", err)
	}
	if font.NumGlyphs() != len(d.Font.Widths) {
		t.Errorf("%d glyphs, want %d", font.NumGlyphs(), len(d.Font.Widths))
	}
	var buf sfnt.Buffer
	outlines := 0
	for g := range d.Font.Widths {
		segments, err := font.LoadGlyph(&buf, sfnt.GlyphIndex(g), fixed.I(1000), nil)
		if err != nil {
			t.Errorf("LoadGlyph(%d) = %v", g, err)
		}
		if len(segments) > 0 {
			outlines++
		}
	}
	if blank := len(d.Font.Widths) - outlines; blank != 2 { // .notdef, the space
		t.Errorf("%d glyphs have no outline, want 2", blank)
	}
	if n := len(d.Font.Program); n > 16<<10 {
		t.Errorf("the subset has %d bytes, want at most 16 KB", n)
	}
	for _, code := range []string{"<1EB6>", "<0128>", "<0110>"} { // Ặ Ĩ Đ
		if !bytes.Contains(d.Font.ToUnicode, []byte(code)) {
			t.Errorf("ToUnicode lacks %s", code)
		}
	}
}

// withTables adds the tables that a desktop font must have and that an
// embedded one need not: cmap, name, OS/2, post.
func withTables(program []byte) []byte {
	cmap := []byte{0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12, 0, 4, 0, 24, 0, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 1, 0, 0}
	name := []byte{0, 0, 0, 0, 0, 6}
	post := append([]byte{0, 3, 0, 0}, make([]byte, 28)...)
	extra := map[string][]byte{"OS/2": make([]byte, 96), "cmap": cmap, "name": name, "post": post}
	n := int(binary.BigEndian.Uint16(program[4:]))
	tables := map[string][]byte{}
	for i := range n {
		r := program[12+16*i:]
		offset, length := binary.BigEndian.Uint32(r[8:]), binary.BigEndian.Uint32(r[12:])
		tables[string(r[:4])] = program[offset : offset+length]
	}
	for tag, data := range extra {
		tables[tag] = data
	}
	order := []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"}
	out := []byte{0, 1, 0, 0, 0, byte(len(order)), 0, 128, 0, 3, 0, 32}
	var body []byte
	for _, tag := range order {
		out = append(out, tag...)
		out = binary.BigEndian.AppendUint32(out, 0)
		out = binary.BigEndian.AppendUint32(out, uint32(12+16*len(order)+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(tables[tag])))
		body = append(body, tables[tag]...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	return append(out, body...)
}

// TestEveryLetter wants all 178 accented letters of Vietnamese in the
// typeface: none may turn into the question mark.
func TestEveryLetter(t *testing.T) {
	letters := "ăâđêôơư àằầèềìòồờùừỳ ảẳẩẻểỉỏổởủửỷ ãẵẫẽễĩõỗỡũữỹ áắấéếíóốớúứý ạặậẹệịọộợụựỵ"
	letters += strings.ToUpper(letters)
	d := draw(t, &mark.Mark{Lines: []string{letters}}, sheet)
	for _, r := range strings.ReplaceAll(letters, " ", "") {
		if !bytes.Contains(d.Font.ToUnicode, fmt.Appendf(nil, "<%04X>", r)) {
			t.Errorf("ToUnicode lacks %c", r)
		}
	}
	if want := 1 + 1 + 2*67; len(d.Font.Widths) < want { // .notdef, space, letters
		t.Errorf("%d glyphs, want at least %d", len(d.Font.Widths), want)
	}
}

func ExampleAgency() {
	m := mark.Agency("Sao y", "Ủy ban nhân dân tỉnh Hà Tĩnh", time.Date(2024, 8, 28, 7, 34, 48, 0, time.UTC))
	for _, line := range m.Text() {
		fmt.Println(line)
	}
	// Output:
	// Sao y
	// Ủy ban nhân dân tỉnh Hà Tĩnh
	// 28.08.2024 14:34:48 +07:00
}
