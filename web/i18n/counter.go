package i18n

// counter are the strings of a clerk's counter: dossiers, their papers, and
// what becomes of these.
var counter = map[string]phrase{
	"action.paper.omit":      {"Ghi giấy tờ không số hóa", "Paper not digitised"},
	"action.paper.omit-end":  {"Bỏ ghi giấy tờ không số hóa", "“Not digitised” taken back"},
	"action.document.assign": {"Gán giấy tờ vào thành phần hồ sơ", "Document assigned to a paper"},
	"action.document.count":  {"Ghi số trang đếm trên giấy", "Pages counted on paper"},

	"omit.shown":  {"chỉ xuất trình để đối chiếu", "only shown"},
	"omit.shared": {"đã được chia sẻ dưới dạng dữ liệu", "shared already as data"},
	"omit.copy":   {"nộp bản chụp, bản sao chứng thực", "a photocopy or certified copy was brought"},
	"omit.secret": {"bí mật nhà nước (khóa tải lên)", "secret (nothing is taken for it)"},
	"omit.beyond": {"không thuộc phạm vi số hóa", "outside of what is digitised"},

	"paper.shown":         {"Chỉ xuất trình", "Shown only"},
	"paper.omitted":       {"Không số hóa", "Not digitised"},
	"paper.not-digitised": {"Không số hóa vì:", "Not digitised, because:"},
	"paper.missing-of":    {"Còn thiếu %d.", "%d missing."},
	"paper.complete":      {"Đã đủ giấy tờ.", "All papers are there."},
	"paper.miscounted":    {"lệch số trang", "other number of pages"},
	"paper.scan":          {"Số hóa…", "Scan…"},
	"paper.scan-for":      {"Chọn tệp số hóa cho: %s", "Choose files for: %s"},
	"paper.only-shown":    {"Chỉ xuất trình", "Shown only"},
	"paper.omit":          {"Không số hóa, vì…", "Not digitised, because…"},
	"paper.unomit":        {"Bỏ ghi", "Take back"},
	"paper.look-first":    {"Đã có sẵn giấy tờ này. Hãy xem bản có sẵn và quyết định trước khi số hóa.", "This paper is held already. Look at it and decide before you scan."},
	"paper.secret-drop":   {"Giấy tờ này được đánh dấu bí mật: không tải lên.", "This paper is marked as secret: nothing is taken for it."},

	"row.more":     {"và %d trang nữa", "and %d more"},
	"row.paper":    {"Là giấy tờ", "It is"},
	"row.no-paper": {"(chưa gán)", "(not assigned)"},
	"row.expected": {"Số trang trên giấy", "Pages on paper"},
	"row.count":    {"Ghi", "Save"},
	"row.blank":    {"Bỏ trang trắng (%d)", "Leave out blank pages (%d)"},
	"row.arrange":  {"Xoay, tách, ghép, thay trang…", "Turn, split, merge, replace pages…"},

	"state.miscounted": {"Lệch số trang: giấy %d, quét %d", "Expected %d pages, got %d"},

	"scan.anyway": {"Có %d giấy tờ đang có sẵn chưa quyết định. Xem trước ở trên; hoặc mở đây để số hóa giấy tờ khác", "%d papers are held already and not decided about. Look at them above first; or open this to scan others"},
	"scan.look":   {"Hãy xem giấy tờ có sẵn trước khi số hóa.", "Look at what is held already before you scan."},

	"upload.submit":        {"Gửi", "Send"},
	"upload.again":         {"Gửi lại", "Send again"},
	"upload.camera":        {"Chụp ảnh", "Take a picture"},
	"upload.expected":      {"Số trang trên giấy (mỗi tệp)", "Pages on paper (each file)"},
	"upload.expected-help": {"Đếm trên giấy trước khi quét; lệch thì tài liệu được giữ lại, chưa ký.", "Count before you scan; a file that has others is held and not signed."},

	"needs.title":   {"Cần anh/chị xử lý:", "Waiting for you:"},
	"needs.counted": {"lệch số trang: %d", "other number of pages: %d"},
	"needs.parked":  {"dừng lại: %d", "stopped: %d"},
	"needs.held":    {"chờ sắp xếp trang: %d", "to be arranged: %d"},
	"needs.missing": {"hồ sơ thiếu giấy tờ: %d", "dossiers with papers missing: %d"},

	"home.papers":       {"Giấy tờ", "Papers"},
	"home.missing":      {"thiếu %d", "%d missing"},
	"home.complete":     {"đủ", "complete"},
	"home.counted":      {"Lệch số trang", "Other number of pages than on paper"},
	"home.group-mine":   {"Hôm nay, của tôi", "Today, mine"},
	"home.group-today":  {"Hôm nay", "Today"},
	"home.group-before": {"Trước đó", "Before"},

	"new.code-help":   {"Quét mã vạch hoặc gõ; để trống thì lấy số tiếp theo trong ngày.", "Scan the barcode or type it; left empty, it is the next of the day."},
	"new.person":      {"Người nộp (số định danh hoặc họ tên)", "Person (identity number or name)"},
	"new.person-hint": {"001090012345 Nguyễn Văn A", "001090012345 Nguyễn Văn A"},
	"new.more":        {"Ngày sinh, trích yếu", "Birth date, subject"},

	"keys.new":    {"Hồ sơ mới", "New dossier"},
	"keys.next":   {"Xuống dòng sau trong danh sách (Enter để mở)", "Next in the list (Enter opens it)"},
	"keys.before": {"Lên dòng trước trong danh sách", "Previous in the list"},
}

func init() { add(counter) }
