package i18n

// accessing are the strings about purposes and about flags.
var accessing = map[string]phrase{
	"purpose-kind.inspection":     {"Thanh tra, kiểm tra", "Inspection"},
	"purpose-kind.disposal":       {"Xét hủy tài liệu", "Disposal"},
	"purpose-kind.signing":        {"Ký số", "Signing"},
	"purpose-kind.sample":         {"Kiểm tra chất lượng số hóa", "Quality sample"},
	"purpose-kind.administration": {"Quản trị", "Administration"},
	"nav.flags":                   {"Cảnh báo", "Flags"},
	"flags.title":                 {"Cảnh báo xem nhiều giấy tờ", "Flags of much reading"},
	"flags.help":                  {"Người xem, tải hoặc kết xuất quá %d giấy tờ, hoặc giấy tờ của quá %d người, trong một giờ (không kể giấy tờ tự mình số hóa) được nêu ở đây.", "Whoever opens, downloads or exports more than %d papers, or papers of more than %d persons, in an hour (beside those that they brought in) stands here."},
	"flags.open":                  {"Chưa xem xét", "Open"},
	"flags.closed":                {"Đã xem xét", "Closed"},
	"flags.time":                  {"Thời gian", "Time"},
	"flags.read":                  {"Đã xem", "Read"},
	"flags.counts":                {"%d giấy tờ, của %d người", "%d papers, of %d persons"},
	"flags.purposes":              {"Mục đích", "Purposes"},
	"flags.no-purpose":            {"không ghi mục đích", "none stated"},
	"flags.dossiers":              {"Hồ sơ", "Dossiers"},
	"flags.found":                 {"Kết quả xem xét", "What was found"},
	"flags.by":                    {"Người xem xét", "Closed by"},
	"flags.entries":               {"Xem trong nhật ký", "Show in the journal"},
	"flags.own":                   {"Cảnh báo về chính anh/chị do người khác xem xét.", "A flag about yourself is closed by somebody else."},
	"flags.note":                  {"Kết quả xem xét", "What you found"},
	"flags.close":                 {"Đóng cảnh báo", "Close"},
	"flags.none":                  {"Không có cảnh báo nào.", "There are no flags."},
	"hand.purpose":                {"Mục đích:", "Purpose:"},
	"hand.words":                  {"Mục đích: số quyết định, nội dung", "Purpose: number of the decision, what it is about"},
	"hand.state":                  {"Ghi mục đích", "State it"},
}

func init() { add(accessing) }
