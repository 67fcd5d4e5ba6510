package i18n

import "maps"

// copies are the words for the copies of what is kept, and for what is found in
// them.
var copies = map[string]phrase{
	"archive.title":       {"Kho lưu trữ", "Archive"},
	"archive.copies":      {"Các bản lưu", "Copies"},
	"archive.kept":        {"Tài liệu đã lưu trữ", "Documents kept"},
	"archive.behind":      {"Mới có ở một bản", "In one copy only so far"},
	"archive.overdue":     {"Trong đó quá hạn sao", "Of them, overdue"},
	"archive.no-second":   {"Chưa cấu hình kho thứ hai: mỗi tài liệu chỉ có một bản.", "No second store is configured: there is one copy of each document."},
	"archive.one-since":   {"chỉ có một bản từ %s", "in one copy only since %s"},
	"archive.adopt":       {"Dùng kho này làm kho thứ hai từ nay", "Use this store as the second one from now on"},
	"archive.answers":     {"Kho hoạt động bình thường.", "The store answers."},
	"archive.since":       {"(từ %s)", "(since %s)"},
	"archive.unread":      {"Chưa đọc lại hết trong thời hạn quy định.", "Not everything was read again within the set period."},
	"archive.due":         {"Lần kiểm tra kế tiếp: %s", "Next check: %s"},
	"archive.started":     {"Bắt đầu", "Started"},
	"archive.ended":       {"Kết thúc", "Ended"},
	"archive.objects":     {"Đối tượng", "Objects"},
	"archive.bytes":       {"Đã đọc", "Read"},
	"archive.findings":    {"Sai hỏng", "Findings"},
	"archive.repaired":    {"Đã sửa", "Repaired"},
	"archive.running":     {"đang kiểm tra", "under way"},
	"archive.no-pass":     {"Chưa kiểm tra lần nào.", "It was not checked yet."},
	"archive.repairing":   {"Đang sửa chữa các bản lưu.", "The copies are being repaired."},
	"archive.repair":      {"Sửa chữa %d sai hỏng", "Repair %d findings"},
	"archive.begun":       {"Đã bắt đầu. Hãy tải lại trang để xem kết quả.", "It has begun. Load the page again to see what came of it."},
	"archive.found":       {"Phát hiện", "Found"},
	"archive.copy":        {"Bản", "Copy"},
	"archive.what":        {"Sai hỏng", "What"},
	"archive.where":       {"Tệp", "File"},
	"archive.no-findings": {"Không có sai hỏng nào.", "Nothing was found."},

	"copy.first":        {"Bản thứ nhất", "First copy"},
	"copy.second":       {"Bản thứ hai", "Second copy"},
	"damage.missing":    {"thiếu", "missing"},
	"damage.changed":    {"bị thay đổi", "changed"},
	"damage.extra":      {"thừa", "extra"},
	"damage.malformed":  {"không đọc được", "unreadable"},
	"damage.invalid":    {"sai quy cách OCFL", "invalid by OCFL"},
	"repair.first":      {"từ bản thứ nhất", "from the first copy"},
	"repair.second":     {"từ bản thứ hai", "from the second copy"},
	"repair.itself":     {"từ chính đối tượng", "from the object itself"},
	"repair.quarantine": {"đã chuyển vào khu cách ly", "moved into the quarantine"},

	"doc.copies":     {"Số bản lưu", "Copies"},
	"doc.copies-two": {"2 trên 2", "2 of 2"},
	"doc.copies-one": {"1 trên 2 từ %s", "1 of 2 since %s"},

	"stage.copy":           {"Sao sang kho thứ hai", "Copying to the second store"},
	"stage.amend":          {"Ghi quyết định vào kho", "Recording a decision"},
	"action.document.copy": {"Sao sang kho thứ hai", "Copied to the second store"},
	"action.store.fixity":  {"Kiểm tra toàn vẹn", "Fixity pass"},
	"action.store.damage":  {"Phát hiện sai hỏng", "Damage found"},
	"action.store.repair":  {"Sửa chữa bản lưu", "Copy repaired"},
	"action.store.second":  {"Đặt kho thứ hai", "Second store set"},
}

func init() { maps.Copy(phrases, copies) }
