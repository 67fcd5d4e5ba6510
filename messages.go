package sohoa

// message is one sentence for people, in both languages. {0}, {1} are
// Problem.Args. It says what is wrong and what to do about it.
type message struct{ vi, en string }

// messages is the one table of sentences, by Problem.Code.
var messages = map[string]message{
	"internal": {
		"Lỗi của hệ thống. Tài liệu gốc vẫn được giữ nguyên; hãy thử lại, nếu vẫn lỗi xin báo quản trị viên.",
		"An internal error. The original is safe; try again, and tell the administrator if it persists."},
	"id.malformed": {
		"“{0}” không phải mã tài liệu: mã gồm 26 chữ số và chữ cái.",
		"“{0}” is not a document ID: an ID has 26 digits and letters."},
	"document.unknown": {
		"Không có tài liệu {0}.",
		"There is no document {0}."},
	"dossier.unknown": {
		"Không có hồ sơ {0}. Hãy tạo hồ sơ trước, hoặc kiểm tra lại mã.",
		"There is no dossier {0}. Create it first, or check the code."},
	"dossier.exists": {
		"Đã có hồ sơ {0}.",
		"Dossier {0} exists already."},
	"dossier.code": {
		"Mã hồ sơ “{0}” không hợp lệ: dùng chữ, số, dấu chấm, gạch ngang, gạch chéo, không quá 100 ký tự.",
		"“{0}” is not a dossier code: use letters, digits, dots, hyphens and slashes, at most 100 characters."},
	"file.unknown": {
		"Tài liệu {0} chưa có bản “{1}”.",
		"Document {0} has no “{1}” rendition yet."},
	"file.empty": {
		"Tệp “{0}” rỗng. Hãy quét lại hoặc chọn tệp khác.",
		"File “{0}” is empty. Scan again or choose another file."},
	"file.too-large": {
		"Tệp “{0}” lớn hơn giới hạn {1}. Hãy tách tệp ra.",
		"File “{0}” is larger than the limit of {1}. Split it."},
	"file.type": {
		"Tệp “{0}” không phải JPEG, PNG, TIFF hoặc PDF (nội dung là {1}). Hãy lưu lại đúng định dạng.",
		"File “{0}” is not JPEG, PNG, TIFF or PDF (its content is {1}). Save it in one of these formats."},
	"file.unreadable": {
		"Không đọc được tệp “{0}”.",
		"File “{0}” cannot be read."},
	"file.incomplete": {
		"Tải lên “{0}” bị ngắt giữa chừng; chưa có gì được lưu. Hãy gửi lại.",
		"The upload of “{0}” was cut off; nothing was kept. Send it again."},
	"image.damaged": {
		"Ảnh bị hỏng hoặc bị cắt cụt. Bản gốc vẫn được giữ; hãy quét lại.",
		"The image is damaged or cut short. The original is kept; scan it again."},
	"image.too-many-pixels": {
		"Ảnh có {0}×{1} điểm ảnh, vượt giới hạn {2} triệu. Hãy quét ở độ phân giải thấp hơn.",
		"The image has {0}×{1} pixels, more than the limit of {2} million. Scan at a lower resolution."},
	"pdf.damaged": {
		"Tệp PDF bị hỏng, không mở được. Bản gốc vẫn được giữ; hãy xuất hoặc quét lại.",
		"The PDF is damaged and cannot be opened. The original is kept; export or scan it again."},
	"pdf.encrypted": {
		"Tệp PDF được đặt mật khẩu. Hãy bỏ mật khẩu rồi nộp lại.",
		"The PDF is protected by a password. Remove the password and submit it again."},
	"pdf.page-size": {
		"Trang {0} có khổ giấy không hợp lệ.",
		"Page {0} has an impossible paper size."},
	"document.too-many-pages": {
		"Tài liệu có {0} trang, vượt giới hạn {1}. Hãy tách thành nhiều tệp.",
		"The document has {0} pages, more than the limit of {1}. Split it into several files."},
	"page.timeout": {
		"Trang {0} xử lý quá {1} nên đã dừng.",
		"Page {0} took longer than {1} and was stopped."},
	"page.crash": {
		"Tiến trình xử lý trang {0} bị dừng đột ngột.",
		"The process working on page {0} died."},
	"ocr.model-missing": {
		"Thiếu mô hình nhận dạng “{0}”. Hãy cài gói tesseract-ocr-{0} hoặc đặt SOHOA_TESSDATA.",
		"The recognition model “{0}” is missing. Install the package tesseract-ocr-{0} or set SOHOA_TESSDATA."},
	"store.full": {
		"Hết chỗ trên đĩa. Hãy giải phóng dung lượng rồi thử lại; chưa có gì bị mất.",
		"The disk is full. Free some space and try again; nothing was lost."},
	"store.unavailable": {
		"Kho lưu trữ không trả lời. Hệ thống sẽ tự thử lại.",
		"The object store does not answer. It will be tried again."},
	"store.missing": {
		"Thiếu tệp {0} trong kho lưu trữ.",
		"File {0} is missing from the object store."},
	"store.changed": {
		"Tệp {0} trong kho lưu trữ đã bị thay đổi.",
		"File {0} in the object store has been altered."},
	"data.unwritable": {
		"Không ghi được vào thư mục dữ liệu {0}. Hãy kiểm tra quyền hoặc chọn --data khác.",
		"The data folder {0} cannot be written. Check its permissions or choose another with --data."},
	"listen.in-use": {
		"Địa chỉ {0} đang được chương trình khác sử dụng. Hãy chọn --listen khác.",
		"Address {0} is in use by another program. Choose another with --listen."},
	"sign.no-key": {
		"Chưa cấu hình khóa ký.",
		"No signing key is configured."},
	"sign.password": {
		"Sai mật khẩu của khóa {0}.",
		"Wrong password for key {0}."},
	"sign.key": {
		"Không dùng được khóa {0}.",
		"Key {0} cannot be used."},
	"sign.refused": {
		"Tài liệu này không cho phép ký thêm: {0}.",
		"This document permits no further signature: {0}."},
	"sign.tsa-unavailable": {
		"Đã ký, đang chờ dấu thời gian: máy chủ {0} không trả lời.",
		"Signed, awaiting a timestamp: the authority at {0} does not answer."},
	"sign.self-check": {
		"Chữ ký vừa tạo không qua được kiểm tra nên không được dùng.",
		"The signature just made did not pass verification and is not used."},
	"verify.not-pdf": {
		"Tệp này không phải PDF nên không có chữ ký để kiểm tra.",
		"This file is not a PDF, so it has no signature to check."},
	"query.too-long": {
		"Câu tìm kiếm quá dài (tối đa {0} ký tự).",
		"The query is too long (at most {0} characters)."},
	"query.empty": {
		"Hãy nhập từ cần tìm.",
		"Type something to search for."},
	"search.rebuilding": {
		"Chỉ mục đang được dựng lại; kết quả có thể chưa đủ.",
		"The index is being rebuilt; results may be incomplete."},
	"user.sign-in": {
		"Sai tên đăng nhập hoặc mật khẩu.",
		"Wrong user name or password."},
	"user.password-short": {
		"Mật khẩu cần ít nhất {0} ký tự.",
		"The password needs at least {0} characters."},
	"user.link": {
		"Liên kết này đã dùng hoặc đã hết hạn.",
		"This link was used already or has expired."},
	"forbidden": {
		"Bạn không có quyền làm việc này.",
		"You are not permitted to do this."},
}
