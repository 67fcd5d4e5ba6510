package i18n

// public are the strings of what citizens see without signing in.
var public = map[string]phrase{
	"start.title":       {"Tra cứu và kiểm tra giấy tờ", "Look up and check papers"},
	"start.intro":       {"Không cần tài khoản. Trang này không lưu tệp bạn đưa vào và không hiện thông tin của người khác.", "No account is needed. What you bring is not kept, and nothing about anybody else is shown."},
	"start.status":      {"Hồ sơ của tôi đến đâu?", "How far is my dossier?"},
	"start.status-help": {"Cần mã hồ sơ trên giấy hẹn và 4 số cuối của số định danh.", "You need the code on your receipt and the last 4 digits of your identity number."},
	"start.copy":        {"Bản in này có thật không?", "Is this printed copy genuine?"},
	"start.copy-help":   {"Quét mã QR hoặc nhập mã tra cứu in trên giấy.", "Scan the QR code, or type the lookup code that is printed on it."},
	"start.pdf":         {"Chữ ký trên tệp PDF có hợp lệ không?", "Are the signatures of this PDF valid?"},
	"start.pdf-help":    {"Chọn tệp PDF đã ký số để biết ai ký và còn hiệu lực hay không.", "Choose a signed PDF to learn who signed it and whether it is in force."},
	"start.staff":       {"Cán bộ, công chức", "Staff"},

	"nav.status":         {"Tình trạng hồ sơ", "State of a dossier"},
	"status.title":       {"Tình trạng hồ sơ", "State of a dossier"},
	"status.intro":       {"Nhập mã hồ sơ trên giấy tiếp nhận và hẹn trả kết quả.", "Type the code on your receipt."},
	"status.code":        {"Mã hồ sơ", "Code of the dossier"},
	"status.digits":      {"%d số cuối của số định danh chủ hồ sơ", "Last %d digits of the owner's identity number"},
	"status.digits-help": {"Số căn cước công dân, hoặc mã số thuế của tổ chức. Có thể nhập cả số.", "Identity number, or the tax number of an organisation. You may type all of it."},
	"status.submit":      {"Xem tình trạng", "Show the state"},
	"status.again":       {"Tra hồ sơ khác", "Another dossier"},
	"status.at":          {"Nơi xử lý", "Handled by"},
	"status.received":    {"Ngày tiếp nhận", "Received"},
	"status.due":         {"Ngày hẹn trả", "To be returned on"},
	"status.ended":       {"Ngày giải quyết xong", "Finished on"},
	"status.late":        {"Đã quá ngày hẹn trả. Hãy hỏi tại Bộ phận Một cửa.", "The day of return has passed. Please ask at the one-stop desk."},
	"status.papers":      {"Giấy tờ đã số hóa", "Papers digitised"},
	"status.missing":     {"Giấy tờ chưa thấy trong hồ sơ", "Papers not found in the dossier"},
	"status.unsorted":    {"Một số giấy tờ đã nộp chưa được phân loại, có thể chính là giấy tờ trong danh sách này.", "Some papers that you brought are not sorted yet and may be among these."},
	"status.complete":    {"Không thiếu giấy tờ nào theo danh mục của thủ tục.", "Nothing that the procedure asks for is missing."},
	"status.steps":       {"Các bước", "Steps"},
	"status.now":         {"đang ở bước này", "this step now"},
	"status.minimal":     {"Trang này không hiện tên chủ hồ sơ và nội dung giấy tờ. Đóng trang khi xem xong.", "This page shows neither the owner's name nor what stands on papers. Close it when you are done."},

	"dossier-state.received":        {"Đã tiếp nhận", "Received"},
	"dossier-state.digitising":      {"Đang số hóa giấy tờ", "Papers are being digitised"},
	"dossier-state.processing":      {"Đang giải quyết", "Being handled"},
	"dossier-state.signing":         {"Đang trình ký", "Waiting for signatures"},
	"dossier-state.ended":           {"Đã giải quyết xong", "Finished"},
	"dossier-state-help.received":   {"Hồ sơ đã được tiếp nhận; giấy tờ chưa được số hóa.", "It was received; its papers are not digitised yet."},
	"dossier-state-help.digitising": {"Giấy tờ của hồ sơ đang được quét và kiểm tra.", "Its papers are being scanned and checked."},
	"dossier-state-help.processing": {"Giấy tờ đã số hóa xong; hồ sơ đang được giải quyết.", "Its papers are digitised; it is being handled."},
	"dossier-state-help.signing":    {"Có giấy tờ của hồ sơ đang chờ người có thẩm quyền hoặc văn thư ký số.", "Something in it waits for the signature of an official or of the seal keeper."},
	"dossier-state-help.ended":      {"Mang giấy hẹn đến nơi tiếp nhận để nhận kết quả, nếu bạn chưa nhận.", "Bring your receipt to the desk for the result, if you do not have it yet."},

	"kiosk.ends":  {"Màn hình sẽ trở về trang đầu sau %d giây.", "This screen goes back to its start in %d seconds."},
	"kiosk.stay":  {"Tôi còn xem", "I am still here"},
	"kiosk.leave": {"Xong, về trang đầu", "Done, back to the start"},

	"force-banner.in-force": {"Giấy tờ này CÒN hiệu lực", "This paper IS in force"},
	"force-banner.not-yet":  {"Giấy tờ này CHƯA có hiệu lực", "This paper is NOT in force YET"},
	"force-banner.expired":  {"Giấy tờ này đã HẾT hiệu lực", "This paper is NO LONGER in force: it expired"},
	"force-banner.revoked":  {"Giấy tờ này đã bị HỦY hiệu lực", "This paper was REVOKED"},
	"force-banner.replaced": {"Giấy tờ này đã ĐƯỢC THAY bằng kết quả khác", "This paper was REPLACED by another"},
	"force-banner.disposal": {"Giấy tờ này đang được xem xét hủy", "This paper is proposed for disposal"},

	"action.dossier.status": {"Hỏi tình trạng hồ sơ", "State of a dossier asked for"},
}

func init() { add(public) }
