package sohoa

// paperMessages are the sentences about the papers of a dossier, and about the
// number of their pages.
var paperMessages = map[string]message{
	"paper.reason": {
		"Cần chọn lý do không số hóa trong danh sách; “{0}” không có.",
		"Choose one of the listed reasons not to digitise; “{0}” is none."},
	"paper.scanned": {
		"“{0}” đã có bản số hóa trong hồ sơ. Nếu gán nhầm, hãy bỏ gán giấy tờ đó trước.",
		"“{0}” is digitised in this dossier already. If that is by mistake, say first that the document is something else."},
	"paper.reused": {
		"“{0}” đang dùng lại giấy tờ có sẵn. Hãy thôi dùng trước.",
		"For “{0}” a held result is used. End that first."},
	"paper.secret": {
		"“{0}” được đánh dấu là bí mật nhà nước: không được số hóa, không tải lên. Nếu đánh dấu nhầm, hãy bỏ đánh dấu trước.",
		"“{0}” is marked as secret: it must not be digitised, and nothing is taken for it. If that is by mistake, take the mark back first."},
	"dossier.person": {
		"Chưa có hồ sơ nào của số định danh {0} ở cơ quan này. Hãy ghi thêm họ tên sau số, ví dụ “{0} Nguyễn Văn A”.",
		"No dossier of identity number {0} is known at this office. Write the name after the number, as “{0} Nguyễn Văn A”."},
	"procedure.which": {
		"Có nhiều thủ tục chứa “{0}”. Hãy chọn một thủ tục trong danh sách hoặc gõ mã.",
		"Several procedures have “{0}”. Choose one of the list, or type its code."},
	"pages.expected": {
		"Số trang “{0}” không đúng. Hãy ghi số trang đếm được trên giấy, từ 1 đến {1}, hoặc để trống.",
		"“{0}” is no number of pages. Give the pages counted on the paper, 1 to {1}, or nothing."},
	"pages.count": {
		"Giấy có {0} trang nhưng bản quét có {1}. Hãy bổ sung, thay hoặc bỏ trang cho khớp, hoặc sửa lại số trang đã đếm; đến khi khớp tài liệu chưa được ký.",
		"The paper has {0} pages, the scan {1}. Add, replace or leave out pages, or correct the number that was counted; the document is not signed until they agree."},
}

func init() { say(paperMessages) }
