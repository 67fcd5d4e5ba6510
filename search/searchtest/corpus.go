package searchtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/search"
)

// Corpus makes pages of office papers as recognition reads them, and queries
// whose answers are known. The same seed gives the same papers. It is for one
// goroutine.
//
// Words are drawn from some 4,000 syllables by Zipf's law between the set
// phrases of such papers; what is known about a document (its metadata) is
// clean, its text is not.
type Corpus struct {
	rnd       *rand.Rand
	zipf      *rand.Zipf
	syllables []string
	names     map[string]bool
	noise     float64
}

// Known is a query for one page.
type Known struct {
	Kind string
	Text string
	Want sohoa.DocumentID
}

// NewCorpus makes a corpus in whose texts noise, 0 to 1, is the share of
// words that recognition got wrong.
func NewCorpus(seed uint64, noise float64) *Corpus {
	rnd := rand.New(rand.NewPCG(seed, 1))
	c := &Corpus{rnd: rnd, names: map[string]bool{}, noise: noise}
	for _, on := range strings.Fields(onsets) {
		for _, rime := range strings.Fields(rimes) {
			c.syllables = append(c.syllables, norm.NFC.String(strings.Trim(on, "_")+rime+[]string{"", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"}[rnd.IntN(6)]))
		}
	}
	rnd.Shuffle(len(c.syllables), func(i, j int) { c.syllables[i], c.syllables[j] = c.syllables[j], c.syllables[i] })
	c.zipf = rand.NewZipf(rnd, 1.07, 8, uint64(len(c.syllables)-1))
	return c
}

// What syllables, names and papers are made of.
const (
	onsets = "_ b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x"
	rimes  = "a ac ach ai am an ang anh ao ap at au ăm ăn ăng ăp ăt âm ân âng âp ât âu âi " +
		"e em en et ê êm ên êt êu i ich im in inh ip it iêm iên iêp iêt iêu o oa oai oan oc oi om on ong op ot " +
		"ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u uc ui um un ung up ut uôc uôi uôn uông ua ư ưc ưng ươc ươi ươm ươn ương ưa"
	surnames = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Nông Triệu Lương Hà"
	middles  = "Văn Thị Hữu Đức Minh Ngọc Thanh Quang Xuân Thu Kim Hồng Công Đình Bá Gia Khánh Mạnh Phương Tiến"
	givens   = "An Bình Cường Dũng Dung Đạt Giang Hà Hải Hạnh Hiền Hiếu Hoa Hòa Hùng Hương Khánh Lan Linh Long Mai Mạnh Nam Nga " +
		"Nhung Oanh Phong Phúc Quân Quý Sơn Tâm Thảo Thắng Thủy Toàn Trang Trung Tuấn Tú Uyên Vân Việt Yến Bưởi Chiến Đông Ước"
)

var (
	boilerplate = []string{"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "ỦY BAN NHÂN DÂN",
		"Căn cứ Luật Tổ chức chính quyền địa phương", "theo quy định của pháp luật", "cơ quan có thẩm quyền",
		"trong thời hạn kể từ ngày nhận đủ hồ sơ hợp lệ", "tôi xin cam đoan những lời khai trên là đúng sự thật"}
	procedures = []string{"Đăng ký khai sinh", "Đăng ký kết hôn", "Đăng ký khai tử", "Cấp giấy chứng nhận quyền sử dụng đất",
		"Cấp giấy phép xây dựng", "Xác nhận tình trạng hôn nhân", "Đăng ký thường trú", "Chuyển mục đích sử dụng đất",
		"Hỗ trợ chi phí mai táng", "Đăng ký hộ kinh doanh"}
	types     = []string{"Quyết định", "Giấy chứng nhận", "Tờ khai", "Đơn đề nghị", "Biên bản", "Thông báo"}
	notations = []string{"QĐ-UBND", "GCN-UBND", "TB-VP", "BB-TNMT", "TTr-STP"}
)

// pick is one of list.
func pick[T any](c *Corpus, list []T) T { return list[c.rnd.IntN(len(list))] }

// name is a person's name that no other page has.
func (c *Corpus) name() string {
	for {
		s := pick(c, strings.Fields(surnames)) + " " + pick(c, strings.Fields(middles)) + " " + pick(c, strings.Fields(givens))
		if c.rnd.IntN(2) == 0 {
			s += " " + pick(c, strings.Fields(givens))
		}
		if !c.names[s] {
			c.names[s] = true
			return s
		}
	}
}

// words are n words of filler.
func (c *Corpus) words(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = c.syllables[c.zipf.Uint64()]
	}
	return out
}

// Page makes the page of document n and the queries that should find it.
func (c *Corpus) Page(n int) (search.PageDoc, []Known) {
	issued := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, c.rnd.IntN(4000))
	number, notation := fmt.Sprint(1+n%997), pick(c, notations)+fmt.Sprint(n/997)
	d := search.PageDoc{Document: ID(n), Page: 1, Name: "scan.pdf", Agency: fmt.Sprintf("H49.64.%d", n%20),
		Dossier: fmt.Sprintf("H49.64.%d-%s-%05d", n%20, issued.Format("060102"), n),
		Owner:   c.name(), ProcedureName: pick(c, procedures), State: sohoa.StateKept,
		Fields: map[string]string{sohoa.FieldTypeName: pick(c, types), sohoa.FieldCodeNumber: number,
			sohoa.FieldCodeNotation: notation, sohoa.FieldIssuedDate: issued.Format("2006-01-02")}}
	identity := fmt.Sprintf("0010%08d", c.rnd.IntN(1e8))
	phrase := c.words(6)
	body := c.body(d, issued, identity, phrase)
	d.Text = strings.Join(c.misread(body), " ")
	return d, c.queries(d, identity, phrase)
}

// body is the clean text of a page.
func (c *Corpus) body(d search.PageDoc, issued time.Time, identity string, phrase []string) []string {
	out := strings.Fields(boilerplate[0] + " " + boilerplate[1])
	out = append(out, strings.Fields(fmt.Sprintf("Số: %s/%s ngày %d tháng %d năm %d %s về việc %s của ông/bà %s số định danh %s",
		d.Fields[sohoa.FieldCodeNumber], d.Fields[sohoa.FieldCodeNotation], issued.Day(), issued.Month(), issued.Year(),
		strings.ToUpper(d.Fields[sohoa.FieldTypeName]), d.ProcedureName, d.Owner, identity))...)
	for range 6 {
		out = append(out, c.words(20+c.rnd.IntN(20))...)
		out = append(out, strings.Fields(pick(c, boilerplate))...)
	}
	out = append(out, phrase...)
	return append(out, c.words(40)...)
}

// misread makes the errors of recognition in a share of the words: a letter
// replaced, marks lost, a space lost or added.
func (c *Corpus) misread(words []string) []string {
	out := make([]string, 0, len(words))
	for i := 0; i < len(words); i++ {
		w := words[i]
		if r := []rune(w); c.rnd.Float64() < c.noise && len(r) > 1 {
			switch c.rnd.IntN(4) {
			case 0:
				w = c.typo(w)
			case 1:
				w = plain(w)
			case 2:
				w = string(r[:len(r)/2]) + " " + string(r[len(r)/2:])
			case 3:
				if i+1 < len(words) {
					w, i = w+words[i+1], i+1
				}
			}
		}
		out = append(out, w)
	}
	return out
}

// typo replaces one letter.
func (c *Corpus) typo(w string) string {
	r := []rune(w)
	r[c.rnd.IntN(len(r))] = rune('a' + c.rnd.IntN(26))
	return string(r)
}

// plain drops the marks, as people type in haste.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case r == 'Đ':
			b.WriteByte('D')
		case r < 0x300 || r > 0x36f:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// queries are what people may type to find d.
func (c *Corpus) queries(d search.PageDoc, identity string, phrase []string) []Known {
	number := d.Fields[sohoa.FieldCodeNumber] + "/" + d.Fields[sohoa.FieldCodeNotation]
	loose := strings.ToLower(plain(strings.NewReplacer("/", " ", "-", " ").Replace(number)))
	typed := strings.Fields(d.Owner)
	typed[c.rnd.IntN(len(typed))] = c.typo(typed[len(typed)-1])
	five := strings.Join(phrase[:5], " ")
	var out []Known
	for _, q := range [][2]string{
		{"name", d.Owner}, {"name, plain", plain(d.Owner)}, {"name and procedure", d.Owner + " " + d.ProcedureName},
		{"number", number}, {"number, loose", loose}, {"dossier", d.Dossier}, {"dossier tail", d.Dossier[len(d.Dossier)-5:]},
		{"identity", identity}, {"phrase", five}, {"phrase, plain", plain(five)},
		{"phrase, mistyped", strings.Join(phrase[:4], " ") + " " + c.typo(phrase[4])},
	} {
		out = append(out, Known{q[0], q[1], d.Document})
	}
	return out
}
