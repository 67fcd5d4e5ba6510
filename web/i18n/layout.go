package i18n

// layout are the phrases of what stands on every page.
var layout = map[string]phrase{
	"nav.menu":      {"Danh mục", "Menu"},
	"nav.work":      {"Hồ sơ và ký số", "Dossiers and signing"},
	"nav.oversight": {"Theo dõi", "Oversight"},
	"nav.keeping":   {"Lưu trữ và quản trị", "Keeping and administration"},
	"nav.public":    {"Tra cứu công khai", "For everybody"},
	"nav.lookup":    {"Tra cứu bản in", "Look up a copy"},
	"nav.account":   {"Tài khoản", "Account"},

	"keys.title":  {"Phím tắt", "Keyboard shortcuts"},
	"keys.key":    {"Phím", "Key"},
	"keys.does":   {"Tác dụng", "What it does"},
	"keys.search": {"Tới ô tìm kiếm", "Go to the search box"},
	"keys.help":   {"Xem các phím tắt của trang này", "Show the shortcuts of this page"},
	"keys.close":  {"Đóng", "Close"},
	"keys.off":    {"Tắt các phím tắt một ký tự trên máy này", "Switch single-key shortcuts off on this machine"},
}

func init() { add(layout) }
