package i18n

// searching are the strings of search, and of the dossier at hand.
var searching = map[string]phrase{
	"hand.title":  {"Hồ sơ đang xử lý:", "Dossier at hand:"},
	"hand.none":   {"Chưa chọn hồ sơ đang xử lý", "No dossier at hand"},
	"hand.change": {"Đổi", "Change"},
	"hand.choose": {"Chọn hồ sơ", "Choose one"},
	"hand.clear":  {"Bỏ chọn", "Clear"},
	"hand.take":   {"Chọn", "Take it up"},

	"search.hidden":       {"Số định danh trong câu tìm được so khớp qua mã băm và chỉ hiện dạng che.", "Identity numbers of the query are matched by their hash and shown masked."},
	"search.facets":       {"Thu hẹp kết quả", "Narrow the results"},
	"search.filters":      {"Bộ lọc đang dùng", "Filters in force"},
	"search.remove":       {"bỏ bộ lọc này", "remove this filter"},
	"search.order":        {"Thứ tự", "Order"},
	"search.order-best":   {"Khớp nhất", "Best first"},
	"search.order-newest": {"Mới nhất", "Newest first"},
	"search.order-oldest": {"Cũ nhất", "Oldest first"},
	"search.number":       {"số", "no."},
	"search.like":         {"Giống một trang đã chọn", "Like a chosen page"},
	"search.like-this":    {"Giống trang này", "Like this page"},
	"search.pages":        {"Trang kết quả", "Pages of results"},
	"search.first":        {"Trang đầu", "First"},
	"search.none-help":    {"Thử bớt từ, bỏ dấu thanh, bỏ bớt bộ lọc, hoặc tìm theo số và ký hiệu.", "Try fewer words, no tone marks, fewer filters, or number and notation."},
	"search.how":          {"Cách tìm", "How to search"},
	"search.keys":         {"Phím: mũi tên để chọn gợi ý, Enter để tìm, Esc để đóng gợi ý.", "Keys: arrows choose a suggestion, Enter searches, Esc closes the list."},

	"search.example-marks":   {"gõ không dấu vẫn tìm được; gõ đúng dấu thì xếp trên", "without marks too; with the right marks it ranks above"},
	"search.example-phrase":  {"đúng cụm từ này", "just this phrase"},
	"search.example-without": {"có “quyết định”, không có “thu”", "with the first words, without the last"},
	"search.example-number":  {"số và ký hiệu, cả hoặc một phần", "number and notation, whole or in part"},
	"search.example-type":    {"loại giấy tờ", "kind of paper"},
	"search.example-person":  {"chủ hồ sơ", "owner of the dossier"},
	"search.example-date":    {"ngày ban hành: ngày, tháng, năm, hoặc từ..đến", "date of issue: a day, a month, a year, or from..to"},
	"search.example-agency":  {"cơ quan ban hành hoặc đang giữ", "agency that issued or holds it"},

	"facet.loai":      {"Loại giấy tờ", "Kind"},
	"facet.nam":       {"Năm ban hành", "Year"},
	"facet.coquan":    {"Cơ quan", "Agency"},
	"facet.thutuc":    {"Thủ tục", "Procedure"},
	"facet.trangthai": {"Trạng thái", "State"},
	"facet.so":        {"Số, ký hiệu", "Number"},
	"facet.nguoi":     {"Chủ hồ sơ", "Owner"},
	"facet.ngay":      {"Ngày ban hành", "Date"},
	"facet.hoso":      {"Mã hồ sơ", "Dossier"},

	"search-state.processing": {"Đang xử lý", "Processing"},
	"search-state.parked":     {"Bị dừng", "Parked"},
	"search-state.kept":       {"Đã lưu trữ", "Kept"},
	"search-state.in-force":   {"Còn hiệu lực", "In force"},
	"search-state.not-yet":    {"Chưa có hiệu lực", "Not yet"},
	"search-state.ended":      {"Hết hiệu lực", "Ended"},
	"search-state.expired":    {"Hết hạn", "Expired"},
	"search-state.revoked":    {"Hủy hiệu lực", "Revoked"},
	"search-state.replaced":   {"Được thay thế", "Replaced"},

	"suggest.person":    {"người", "person"},
	"suggest.number":    {"số, ký hiệu", "number"},
	"suggest.dossier":   {"hồ sơ", "dossier"},
	"suggest.procedure": {"thủ tục", "procedure"},
	"suggest.word":      {"từ", "word"},

	"saved.title":      {"Tìm kiếm đã lưu", "Saved searches"},
	"saved.name":       {"Tên để lưu tìm kiếm này", "Name to save this search by"},
	"saved.save":       {"Lưu tìm kiếm", "Save the search"},
	"saved.delete":     {"Xóa", "Delete"},
	"saved.delete-one": {"Xóa tìm kiếm “%s”", "Delete the search “%s”"},

	"action.search.suggest": {"Gợi ý tìm kiếm", "Query completed"},
	"action.search.save":    {"Lưu tìm kiếm", "Search saved or deleted"},
}

func init() { add(searching) }
