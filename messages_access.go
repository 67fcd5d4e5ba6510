package sohoa

// accessMessages are the sentences about the tree of agencies, and about who
// may look at what.
var accessMessages = map[string]message{
	"agency.parent": {
		"Không đặt được cơ quan {0} dưới {1}, vì chưa có cơ quan {1}. Hãy nhập cơ quan cấp trên trước.",
		"Agency {0} cannot stand below {1}: there is no agency {1}. Enter the one above first."},
	"agency.circle": {
		"Không đặt được cơ quan {0} dưới {1}, vì {1} chính là hoặc trực thuộc {0}.",
		"Agency {0} cannot stand below {1}, which is {0} itself or below it."},
	"read.too-many": {
		"Anh/chị đang mở giấy tờ nhanh hơn mức {0} lượt mỗi phút. Hãy đợi khoảng 10 giây rồi mở tiếp; chưa có gì bị mất.",
		"You open papers faster than {0} a minute. Wait some 10 seconds and go on; nothing was lost."},
	"purpose.inspection": {
		"Hãy cho biết xem giấy tờ để thanh tra, kiểm tra việc gì: ghi số quyết định hoặc nội dung vào ô “Mục đích”, rồi làm lại. Mọi lần tìm và xem giấy tờ đều phải có mục đích.",
		"Say which inspection you look at papers for: write the number of its decision, or what it is about, into “Purpose”, and try again. Every search and every look at a paper has a purpose."},
	"flag.unknown": {
		"Không có cảnh báo {0} trong phạm vi của anh/chị.",
		"There is no flag {0} that you may see."},
	"flag.closed": {
		"Cảnh báo này đã được {0} xem xét và đóng.",
		"{0} looked at this flag and closed it already."},
	"flag.own": {
		"Không tự đóng được cảnh báo về chính mình. Hãy để người thanh tra, kiểm tra khác xem xét.",
		"You cannot close a flag about yourself. Have another inspector look at it."},
	"flag.note": {
		"Hãy ghi kết quả xem xét, tối đa {0} ký tự, trước khi đóng cảnh báo.",
		"Write what you found, in at most {0} characters, to close the flag."},
	"user.beyond": {
		"Không lập được người dùng của toàn hệ thống: quản trị viên của một cơ quan chỉ quản lý người của cơ quan mình và các cơ quan trực thuộc.",
		"A user of the whole installation cannot be made: an administrator of an agency looks after the people of that agency and of those below it."},
}

func init() { say(accessMessages) }
