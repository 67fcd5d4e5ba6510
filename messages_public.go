package sohoa

// publicMessages are the sentences that citizens read.
var publicMessages = map[string]message{
	"status.typed": {
		"Hãy nhập mã hồ sơ và {0} số cuối của số định danh cá nhân (hoặc mã số thuế) của chủ hồ sơ.",
		"Type the code of the dossier and the last {0} digits of its owner's identity or tax number."},
	"status.unknown": {
		"Không tra được: mã hồ sơ hoặc {0} số cuối không đúng, hoặc hồ sơ không ghi số định danh. Hãy xem lại giấy tiếp nhận và hẹn trả kết quả, hoặc hỏi tại Bộ phận Một cửa.",
		"Nothing to show: the code or the last {0} digits are wrong, or the dossier has no identity number. Look at your receipt again, or ask at the one-stop desk."},
	"set.remote-one": {
		"Dịch vụ ký từ xa xác nhận mỗi lần một bộ trình ký. Hãy chọn tài liệu của một bộ, ký, rồi ký bộ tiếp theo.",
		"The remote service confirms one signing set at a time. Choose documents of one set, sign them, then the next set."},
	"status.whole": {
		"Mã hồ sơ này vừa bị nhập sai nhiều lần. Để bảo vệ chủ hồ sơ, hãy nhập toàn bộ số định danh (hoặc mã số thuế) thay cho các số cuối.",
		"This code was typed with wrong digits many times. To protect the owner, type the whole identity or tax number instead of its last digits."},
}

func init() { say(publicMessages) }
