package i18n

import "maps"

// journalling are the strings of the page of the journal.
var journalling = map[string]phrase{
	"journal.title":      {"Nhật ký", "Journal"},
	"journal.open":       {"Mở nhật ký", "Open the journal"},
	"journal.person":     {"Người có giấy tờ (số định danh hoặc họ tên)", "Whose papers (identity number or full name)"},
	"journal.document":   {"Mã giấy tờ", "Document ID"},
	"journal.actor":      {"Người thực hiện (tên đăng nhập)", "Who did it (user name)"},
	"journal.action":     {"Việc đã làm", "What was done"},
	"journal.from":       {"Từ ngày", "From"},
	"journal.until":      {"Đến ngày", "Until"},
	"journal.purpose":    {"Mục đích tra cứu (được ghi vào nhật ký)", "Purpose (the journal keeps it)"},
	"journal.none":       {"Không có dòng nào.", "No entries."},
	"journal.older":      {"Cũ hơn", "Older"},
	"journal.whole":      {"Tính toàn vẹn", "Integrity"},
	"journal.verify":     {"Kiểm tra toàn bộ nhật ký", "Verify the whole journal"},
	"journal.never":      {"Nhật ký chưa được kiểm tra lần nào; hiện có %d dòng.", "The journal was never verified; it has %d entries."},
	"journal.good":       {"Nhật ký nguyên vẹn đến dòng %d, khớp với %d giá trị đầu (%d có dấu thời gian).", "The journal is whole up to entry %d and agrees with %d heads (%d with a timestamp)."},
	"journal.bad":        {"Nhật ký KHÔNG nguyên vẹn:", "The journal is NOT whole:"},
	"journal.checked":    {"Kiểm tra lần cuối", "Last verified"},
	"journal.entry":      {"dòng %d", "entry %d"},
	"journal.size":       {"%d dòng", "%d entries"},
	"journal.heads":      {"Giá trị đầu hằng ngày", "Daily heads"},
	"journal.heads-help": {"Hãy lưu một bản ở nơi khác: từ đó chứng minh được không dòng nào trước đó bị sửa hay bị cắt.", "Keep a copy elsewhere: it proves that nothing before it was altered or cut."},
	"journal.no-heads":   {"Chưa có; giá trị đầu tiên được lập sau nửa đêm.", "None yet; the first is made after midnight."},

	"head.stamped":            {"có dấu thời gian", "timestamped"},
	"head.awaiting-timestamp": {"đang chờ dấu thời gian", "awaiting its timestamp"},
	"head.unstamped":          {"không có dấu thời gian", "without a timestamp"},

	"finding.entry.altered":    {"Dòng bị sửa", "An entry was altered"},
	"finding.entry.missing":    {"Thiếu dòng", "Entries are missing"},
	"finding.entry.chain":      {"Dòng không nối tiếp dòng trước", "An entry does not follow the one before"},
	"finding.entry.differs":    {"Dòng khác với bản trong kho lưu trữ", "An entry is another than the one in the storage root"},
	"finding.tree.hash":        {"Giá trị băm lưu sẵn sai", "A hash that is kept is wrong"},
	"finding.head.differs":     {"Khác với giá trị đầu đã lưu", "It differs from a head that was kept"},
	"finding.head.cut":         {"Bị cắt: ít dòng hơn giá trị đầu đã lưu", "It was cut: it has fewer entries than a head"},
	"finding.head.other":       {"Là nhật ký khác với giá trị đầu đã lưu", "It is another journal than that of a head"},
	"finding.head.timestamp":   {"Dấu thời gian không hợp lệ", "A timestamp is not valid"},
	"finding.head.malformed":   {"Giá trị đầu không đọc được", "A head cannot be read"},
	"finding.head.not-kept":    {"Nhật ký của ngày không có trong kho lưu trữ", "A day is not in the storage root"},
	"finding.head.unknown":     {"Kho lưu trữ có giá trị đầu mà cơ sở dữ liệu không có", "The storage root has a head that the database lacks"},
	"finding.journal.not-kept": {"Việc lưu nhật ký bị dừng", "Keeping the journal stopped"},

	"action.journal.head":       {"Lập giá trị đầu nhật ký", "Head of the journal made"},
	"action.journal.stamp":      {"Đóng dấu thời gian nhật ký", "Head of the journal timestamped"},
	"action.journal.verify":     {"Kiểm tra nhật ký", "Journal verified"},
	"action.access.flag":        {"Cảnh báo xem nhiều giấy tờ", "Much reading flagged"},
	"action.access.flag-closed": {"Đã xem xét cảnh báo", "Flag closed"},
	"action.journal.find":       {"Tra cứu nhật ký", "Journal searched"},
	"action.journal.restore":    {"Phục hồi nhật ký", "Journal restored"},
	"action.access.refused":     {"Bị từ chối", "Refused"},
	"action.dossier.view":       {"Xem hồ sơ", "Dossier viewed"},
	"action.document.list":      {"Xem danh sách giấy tờ", "Documents listed"},
	"action.signature.failed":   {"Nhập sai mã PIN", "Wrong PIN"},
}

func init() { maps.Copy(phrases, journalling) }
