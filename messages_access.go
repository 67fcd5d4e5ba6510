package sohoa

import "maps"

// accessMessages are the sentences about the tree of agencies, and about who
// may look at what.
var accessMessages = map[string]message{
	"agency.parent": {
		"Không đặt được cơ quan {0} dưới {1}, vì chưa có cơ quan {1}. Hãy nhập cơ quan cấp trên trước.",
		"Agency {0} cannot stand below {1}: there is no agency {1}. Enter the one above first."},
	"agency.circle": {
		"Không đặt được cơ quan {0} dưới {1}, vì {1} chính là hoặc trực thuộc {0}.",
		"Agency {0} cannot stand below {1}, which is {0} itself or below it."},
	"purpose.inspection": {
		"Hãy cho biết xem giấy tờ để thanh tra, kiểm tra việc gì: ghi số quyết định hoặc nội dung vào ô “Mục đích”, rồi làm lại. Mọi lần tìm và xem giấy tờ đều phải có mục đích.",
		"Say which inspection you look at papers for: write the number of its decision, or what it is about, into “Purpose”, and try again. Every search and every look at a paper has a purpose."},
	"user.beyond": {
		"Không lập được người dùng của toàn hệ thống: quản trị viên của một cơ quan chỉ quản lý người của cơ quan mình và các cơ quan trực thuộc.",
		"A user of the whole installation cannot be made: an administrator of an agency looks after the people of that agency and of those below it."},
}

func init() { maps.Copy(messages, accessMessages) }
