package sohoa

import "maps"

// reuseMessages are the sentences about procedures, search and reuse.
var reuseMessages = map[string]message{
	"procedure.invalid": {
		"Thủ tục {0} không nhập được: sai ở “{1}”. Mỗi thủ tục cần mã và tên; mỗi thành phần hồ sơ cần mã không trùng và tên.",
		"Procedure {0} cannot be entered: “{1}” is wrong. A procedure needs a code and a name; each paper that it asks for needs a code of its own and a name."},
	"search.key": {
		"Tệp khóa {0} không đúng: phải là 64 chữ số thập lục phân. Hãy lấy lại từ bản sao lưu; nếu đã mất, hãy xóa tệp, chỉ mục sẽ được dựng lại với khóa mới.",
		"The key file {0} is wrong: it must be 64 hexadecimal digits. Bring it back from a back-up; if it is lost, remove the file, and the index is rebuilt with a new key."},
}

func init() { maps.Copy(messages, reuseMessages) }
