package i18n

// lending are the strings of copies that are given and called back, and of the
// way through hits.
var lending = map[string]phrase{
	"hits.way":      {"Kết quả tìm kiếm", "Hits of the search"},
	"hits.list":     {"Về danh sách kết quả", "Back to the results"},
	"hits.previous": {"Kết quả trước", "Previous hit"},
	"hits.next":     {"Kết quả sau", "Next hit"},

	"give.title": {"Cấp bản sao…", "Give a copy…"},
	"give.now":   {"Cấp", "Give"},

	"given.title":          {"Bản sao đã cấp", "Copies given"},
	"given.kind-reading":   {"Bản đọc (liên kết)", "Reading copy (link)"},
	"given.kind-plain":     {"Bản sao", "Plain copy"},
	"given.kind-certified": {"Bản sao chứng thực", "Certified copy"},
	"given.for":            {"mục đích:", "for:"},
	"given.open":           {"mở đến %s", "open until %s"},
	"given.over":           {"hết hạn lúc %s", "ended at %s"},
	"given.recalled":       {"đã thu hồi lúc %s", "called back at %s"},
	"given.recall":         {"Thu hồi…", "Call back…"},
	"given.why":            {"Lý do thu hồi", "Why"},
	"given.recall-now":     {"Thu hồi liên kết", "Call the link back"},

	"action.document.copy-end": {"Thu hồi bản đọc", "Reading copy called back"},
}

func init() { add(lending) }
