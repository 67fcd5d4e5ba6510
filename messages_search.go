package sohoa

// searchMessages are the sentences about purposes and saved searches.
var searchMessages = map[string]message{
	"purpose.dossier": {
		"Hãy cho biết đang xử lý hồ sơ nào: mở hồ sơ đó, hoặc nhập mã hồ sơ vào ô “Hồ sơ đang xử lý”, rồi làm lại. Mọi lần tìm và xem giấy tờ đều phải gắn với một hồ sơ.",
		"Say which dossier you are working on: open it, or type its code into “Dossier at hand”, and try again. Every search and every look at a paper is for a dossier."},
	"purpose.unknown": {
		"Không có hồ sơ “{0}” trong phạm vi của bạn. Hãy kiểm tra lại mã, hoặc chọn hồ sơ đang xử lý ở trang Hồ sơ.",
		"There is no dossier “{0}” that you may see. Check its code, or choose the dossier at hand from the list of dossiers."},
	"purpose.requirement": {
		"Thủ tục của hồ sơ {0} không yêu cầu giấy tờ “{1}”. Hãy chọn giấy tờ cần tìm ở trang của hồ sơ.",
		"The procedure of dossier {0} does not ask for “{1}”. Choose the paper on the page of the dossier."},
	"query.sealed": {
		"Liên kết này tìm theo số định danh cá nhân nên chỉ người đã tìm mới mở được. Hãy gõ lại số đó vào ô tìm.",
		"This link looks for an identity number, so only who made it can open it. Type the number into the search box again."},
	"events.place": {
		"Không theo dõi tiếp được từ chỗ đó. Hãy kết nối lại mà không có Last-Event-ID và after.",
		"There is no going on from there. Connect again without Last-Event-ID and after."},
	"saved.name": {
		"Hãy đặt tên cho tìm kiếm, tối đa {0} ký tự.",
		"Give the search a name of at most {0} characters."},
	"saved.identity": {
		"Tìm kiếm có số định danh cá nhân không được lưu lại: mỗi lần tra cứu một người phải có mục đích riêng.",
		"Searches for an identity number are not saved: each look-up of a person needs a purpose of its own."},
	"saved.too-many": {
		"Đã có {0} tìm kiếm được lưu, là số nhiều nhất. Hãy xóa bớt rồi lưu lại.",
		"You have {0} saved searches, which is the most there can be. Delete one, then save again."},
	"saved.unknown": {
		"Không có tìm kiếm đã lưu “{0}”. Có thể nó đã bị xóa.",
		"There is no saved search “{0}”. Perhaps it was deleted."},
	"reuse.not-offered": {
		"Giấy tờ {0} không nằm trong những giấy tờ được đề nghị dùng lại ở đây.",
		"Paper {0} is not among those that are offered for reuse here."},
	"data.owner": {
		"Người dùng chạy sohoa không đọc hoặc ghi được {0}. Hãy trả mọi tệp trong thư mục dữ liệu về cho người dùng đó (chown).",
		"The user that sohoa runs as cannot read or write {0}. Give everything in the data folder back to that user (chown)."},
}

func init() { say(searchMessages) }
