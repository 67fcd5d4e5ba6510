package fields

import (
	"regexp"
	"strings"

	"sohoa"
)

// rule finds one field, or the two of number and notation.
type rule struct {
	name string
	find func(sheet) []sohoa.Field
}

// allRules are the rules of each field, the surest first.
var allRules = [][]rule{
	{{"type-heading", typeHeading}, {"letter-has-no-type", letterType}, {"wording", typeByWording}},
	{{"number-in-heading", pattern(numberInHeading)}, {"register-number", pattern(registerNumber)}, {"notation-only", pattern(notationOnly)}},
	{{"date-in-heading", dateRule(placeDate, headingDepth)}, {"registration-date", dateRule(registrationDate, 1)}, {"place-and-date", dateRule(placeDate, 1)}},
	{{"agency-in-heading", agencyInHeading}, {"registration-place", registrationPlace}},
	{{"subject-under-type", subjectUnderType}, {"subject-of-letter", subjectOfLetter}},
}

// headingDepth is the share of a page in which its heading is.
const headingDepth = 0.4

// typeNames are the kinds of document, as they are printed: NĐ 30/2020,
// article 7, and the certificates and forms of one-stop offices.
var typeNames = []string{
	"Nghị quyết", "Quyết định", "Chỉ thị", "Quy chế", "Quy định", "Thông cáo", "Thông báo", "Hướng dẫn",
	"Chương trình", "Kế hoạch", "Phương án", "Đề án", "Dự án", "Báo cáo", "Biên bản", "Tờ trình", "Hợp đồng",
	"Công điện", "Bản ghi nhớ", "Bản thỏa thuận", "Giấy ủy quyền", "Giấy mời", "Giấy giới thiệu",
	"Giấy nghỉ phép", "Phiếu gửi", "Phiếu chuyển", "Phiếu báo", "Thư công",
	"Giấy chứng nhận quyền sử dụng đất", "Giấy khai sinh", "Trích lục khai sinh", "Trích lục kết hôn",
	"Trích lục khai tử", "Giấy chứng nhận kết hôn", "Giấy chứng nhận", "Giấy phép", "Giấy xác nhận",
	"Tờ khai", "Đơn đề nghị", "Đơn", "Danh sách",
}

// wordings are the beginnings of segments, folded, that only one kind of
// document has; they serve pages on which its name is not read.
var wordings = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`^\W*(?:I\W+)?NGUOI SU DUNG DAT, CHU SO HUU`), "Giấy chứng nhận quyền sử dụng đất"},
}

// leastConf is the confidence below which a number is taken for handwriting,
// of which the engine reads some digits only.
const leastConf = 75

// codeRule is a way in which a number is written. Its pattern is matched with
// the folded text of a segment; group 1 is the number, group 2 the notation.
type codeRule struct {
	pattern        *regexp.Regexp
	depth          float64 // share of the page, from the top, in which it is valid
	number, symbol int     // groups; 0 is none
}

var (
	numberInHeading = codeRule{regexp.MustCompile(`^\W*S[O0]\W{0,3}(\d{1,6}[A-Z]?)\s?/\s?([A-Z0-9][A-Z0-9.&/-]*(?: ?- ?[A-Z]+)*)`), headingDepth, 1, 2}
	registerNumber  = codeRule{regexp.MustCompile(`^\W*S[O0] VAO S[O0][^:]{0,60}:\W*([A-Z]{1,3}) ?-?(\d{3,9})\b`), 1, 2, 1}
	notationOnly    = codeRule{regexp.MustCompile(`^\W*S[O0]\W.{0,12}?/\s?([A-Z]{2,}(?: ?- ?[A-Z]{2,}[A-Z0-9]*)+)`), headingDepth, 0, 1}
)

// placeDate and registrationDate are ways in which a date is written; the
// groups are day, month and year.
var (
	placeDate        = regexp.MustCompile(`^\W*[A-Z][A-Z .'-]{1,40}[,.;]\s?NGAY\s?(\d{1,2})\s?(?:THANG|/|-)\s?(\d{1,2})\s?(?:NAM|/|-)\s?(\d{4})\b`)
	registrationDate = regexp.MustCompile(`DANG KY[^:]{0,20}:\W*(?:NGAY)?\s?(\d{1,2})\s?(?:THANG|/|-)\s?(\d{1,2})\s?(?:NAM|/|-)\s?(\d{4})\b`)
)

// Beginnings of segments, folded, that end or belong to no heading.
var (
	motto         = regexp.MustCompile(`CONG H[OÒ]A XA HOI|CHU NGHIA VIET|DOC LAP|HANH PHUC|DANG CONG SAN`)
	superior      = regexp.MustCompile(`^\W*(?:UBND|UY BAN NHAN DAN|SO|BO|TINH|HUYEN|THANH PHO|TONG CUC|CUC|HOI DONG NHAN DAN) [A-Z]`)
	council       = regexp.MustCompile(`^\W*(?:UY BAN NHAN DAN|HOI DONG NHAN DAN|UBND|HDND)\W*$`)
	subjectLetter = regexp.MustCompile(`^\W*(?:V/V|VE VIEC)\b`)
	subjectEnd    = regexp.MustCompile(`^\W*(?:CAN CU|THEO|XET|KINH GUI|\(KEM|HOM NAY|S[O0]\W|NOI NHAN|STT\b|[IVX]{1,4}\. |\d+\. )`)
	placeOfRecord = regexp.MustCompile(`^\W*NOI DANG KY[^:]{0,30}:\W*([^,;]{5,80})`)
)

// canonical is a value without white space at its ends and around strokes.
func canonical(s string) string {
	s = strings.NewReplacer(" /", "/", "/ ", "/", " - ", "-", "- ", "-", " -", "-", "–", "-").Replace(s)
	return strings.Trim(s, " .,;:-/")
}
