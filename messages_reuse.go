package sohoa

import "maps"

// reuseMessages are the sentences about procedures, search and reuse.
var reuseMessages = map[string]message{
	"procedure.invalid": {
		"Thủ tục {0} không nhập được: sai ở “{1}”. Mỗi thủ tục cần mã và tên; mỗi thành phần hồ sơ cần mã không trùng và tên.",
		"Procedure {0} cannot be entered: “{1}” is wrong. A procedure needs a code and a name; each paper that it asks for needs a code of its own and a name."},
}

func init() { maps.Copy(messages, reuseMessages) }
