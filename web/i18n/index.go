package i18n

// indexed are the strings about how the search index is.
var indexed = map[string]phrase{
	"index.title":       {"Chỉ mục tìm kiếm", "Search index"},
	"index.pages":       {"%d trang", "%d pages"},
	"index.why-damaged": {"Lý do: tệp chỉ mục hỏng.", "Why: a file of it was damaged."},
	"index.why-schema":  {"Lý do: phiên bản phần mềm mới.", "Why: a new version of the program."},
	"index.why-key":     {"Lý do: khóa số định danh đã đổi hoặc mất.", "Why: the key of identity numbers is another, or was lost."},
	"index.why-journal": {"Lý do: nhật ký đã được khôi phục về thời điểm trước.", "Why: the journal was restored to an earlier moment."},
	"index.why-erasure": {"Lý do: xóa hẳn nội dung của tài liệu đã tiêu hủy.", "Why: text of destroyed documents goes for good."},
	"index.damaged":     {"Tệp hỏng:", "Damaged files:"},
	"index.checked":     {"Các tệp được kiểm tra lúc %s", "Files checked at %s"},
	"index.verified":    {"Đối chiếu với danh mục lúc %s: %d trang", "Compared with the catalogue at %s: %d pages"},
	"index.differences": {"Thiếu %d, thừa %d, cũ %d.", "%d missing, %d extra, %d outdated."},
	"index.repaired":    {"Đã sửa.", "Repaired."},
	"index.unverified":  {"Chưa đối chiếu với danh mục.", "Not compared with the catalogue yet."},
}

func init() { add(indexed) }
