package i18n

// giving are the strings of the pages on which documents are given out.
var giving = map[string]phrase{
	"export.title":           {"Cấp bản sao, xuất gói tin", "Give a copy, export"},
	"export.open":            {"Cấp bản sao, xuất…", "Copy, export…"},
	"export.year":            {"Năm lập hồ sơ", "Year of the dossiers"},
	"export.agency":          {"Mã đơn vị (để trống là tất cả)", "Code of the office (empty is all)"},
	"export.as":              {"Dạng", "Form"},
	"export.kind-reading":    {"Bản đọc trên màn hình, có thời hạn, không tải về", "Reading copy on the screen, for some days, no download"},
	"export.kind-plain":      {"Bản sao có chữ “BẢN SAO” trên mỗi trang", "Plain copy with BẢN SAO on each page"},
	"export.kind-certified":  {"Bản sao chứng thực, có chữ ký số của cơ quan", "Certified copy, signed by the agency"},
	"export.kind-dip":        {"Gói tin sử dụng (DIP)", "Dissemination package (DIP)"},
	"export.kind-sip":        {"Gói tin nộp lưu (SIP)", "Submission package (SIP)"},
	"export.kind-aip":        {"Gói tin lưu trữ (AIP)", "Archival package (AIP)"},
	"export.kind-ocfl":       {"Đối tượng OCFL nguyên trạng", "Bare OCFL object"},
	"export.purpose":         {"Mục đích, cấp cho ai", "Purpose, and for whom"},
	"export.purpose-help":    {"Được ghi vào nhật ký cùng tên bạn.", "It is kept in the journal with your name."},
	"export.submit":          {"Thực hiện", "Give out"},
	"reading.title":          {"Bản đọc", "Reading copy"},
	"reading.issued":         {"Liên kết bản đọc", "Link to the reading copy"},
	"reading.until":          {"Mở đến %s. Hãy gửi liên kết cho người đọc ngay: sau trang này không xem lại được.", "Open until %s. Send it to the reader now: it is not shown again."},
	"reading.until-short":    {"Đọc được đến", "It can be read until"},
	"reading.days":           {"Số ngày của bản đọc", "Days of a reading copy"},
	"reading.intro":          {"Tài liệu do %s cấp để đọc trên màn hình.", "A document that %s lets you read on the screen."},
	"action.document.export": {"Xuất gói tin", "Exported"},
	"action.document.import": {"Nhập từ gói tin", "Imported from a package"},
	"action.document.copy":   {"Cấp bản sao", "Copy given"},
}

func init() { add(giving) }
