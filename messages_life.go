package sohoa

// lifeMessages are the sentences about the life of results, the retention
// schedule and disposal.
var lifeMessages = map[string]message{
	"life.revoked": {
		"Kết quả này đã bị hủy hiệu lực từ {0} theo {1}, nên không được sử dụng lại. Vẫn có thể xem và tải về.",
		"This result was revoked as of {0} by {1} and cannot be used again. It can still be read and downloaded."},
	"life.replaced": {
		"Kết quả này đã được thay thế từ {0}. Hãy dùng tài liệu {1}.",
		"This result was replaced as of {0}. Use document {1}."},
	"life.expired": {
		"Kết quả này đã hết hiệu lực sau ngày {0}, nên không được sử dụng lại.",
		"This result expired after {0} and cannot be used again."},
	"life.not-yet": {
		"Kết quả này chỉ có hiệu lực từ ngày {0}.",
		"This result is in force only from {0}."},
	"life.disposal": {
		"Tài liệu này đang được xem xét hủy, nên không được sử dụng lại.",
		"This document is being considered for disposal and cannot be used again."},
	"life.decision": {
		"Hãy ghi số, ký hiệu và ngày của quyết định, không quá 200 ký tự.",
		"Give the number, notation and date of the decision, in at most 200 characters."},
	"life.reason": {
		"Hãy ghi lý do, không quá 1000 ký tự.",
		"Give the reason, in at most 1000 characters."},
	"life.is-revoked": {
		"Kết quả này đã bị hủy hiệu lực. Chỉ một quyết định khác mới khôi phục được.",
		"This result is revoked already. Only another decision takes that back."},
	"life.is-replaced": {
		"Kết quả này đã được thay thế. Chỉ một quyết định khác mới bỏ được việc thay thế.",
		"This result is replaced already. Only another decision takes that back."},
	"life.decision-same": {
		"Cần một quyết định khác với quyết định {0}.",
		"That takes another decision than {0}."},
	"life.in-force": {
		"Kết quả này không bị hủy hiệu lực và không bị thay thế, nên không có gì để khôi phục.",
		"This result is neither revoked nor replaced; there is nothing to take back."},
	"life.replacement": {
		"Không thay thế được bằng tài liệu {0}: tài liệu thay thế phải là tài liệu khác, đã lưu trữ và còn hiệu lực.",
		"Document {0} cannot take its place: that must be another document that is kept and in force."},
	"life.dates": {
		"Ngày hết hiệu lực phải không sớm hơn ngày có hiệu lực.",
		"The last day of validity must not come before the first."},
	"life.scope": {
		"Phạm vi hiệu lực không quá 300 ký tự.",
		"The scope has at most 300 characters."},
	"life.type": {
		"Bảng thời hạn lưu trữ không có loại “{0}”.",
		"The retention schedule has no type “{0}”."},
	"date.invalid": {
		"“{0}” không phải là ngày. Hãy ghi theo dạng năm-tháng-ngày, ví dụ 2026-11-30.",
		"“{0}” is not a day. Write it as year-month-day, such as 2026-11-30."},
	"retention.period": {
		"Không có thời hạn lưu trữ mã “{0}”, {1} năm. Mã gồm 01 đến 07; mã 07 cần số năm.",
		"There is no period of code “{0}” with {1} years. Codes are 01 to 07; 07 needs its years."},
	"retention.hold": {
		"Không có lệnh giữ như vậy trên tài liệu này.",
		"There is no such hold on this document."},
	"retention.shorter": {
		"Thời hạn mới ngắn hơn thời hạn hiện có, nên cần có quyết định và lý do.",
		"The new period is shorter than the present one; that needs a decision and a reason."},
	"schedule.size": {
		"Bảng thời hạn lưu trữ cần từ một đến {0} dòng.",
		"The retention schedule needs one to {0} rules."},
	"schedule.rule": {
		"Dòng {0} (“{1}”) của bảng thời hạn sai hoặc trùng. Mỗi dòng cần mã loại (chữ thường, số, gạch nối; để trống cho mọi loại khác), tên, mã thời hạn 01–07 và căn cứ; mã 07 cần số năm.",
		"Rule {0} (“{1}”) of the schedule is wrong or there twice. Each needs a type (small letters, digits, hyphens; empty for every other), a name, a period code 01–07 and a basis; 07 needs its years."},
	"schedule.changed": {
		"Bảng thời hạn vừa được người khác sửa. Hãy xem lại rồi sửa tiếp.",
		"Somebody else changed the schedule meanwhile. Look at it again."},
	"disposal.unknown": {
		"Không có hồ sơ xét hủy {0}.",
		"There is no disposal {0}."},
	"disposal.documents": {
		"Hãy chọn từ một đến {0} tài liệu.",
		"Choose one to {0} documents."},
	"disposal.title": {
		"Hãy đặt tên cho hồ sơ xét hủy, không quá 200 ký tự.",
		"Give the disposal a title of at most 200 characters."},
	"disposal.agencies": {
		"Mỗi hồ sơ xét hủy chỉ gồm tài liệu của một cơ quan.",
		"The documents of a disposal belong to one agency."},
	"disposal.hold": {
		"Tài liệu đang có lệnh giữ: {0}",
		"The document is on hold: {0}"},
	"disposal.forever": {
		"Tài liệu được lưu trữ vĩnh viễn hoặc chưa xác định thời hạn.",
		"The document is kept for ever, or its retention is not known."},
	"disposal.not-due": {
		"Tài liệu còn thời hạn lưu trữ đến {0}.",
		"The retention of the document ends on {0}."},
	"disposal.taken": {
		"Tài liệu {0} đã ở trong một hồ sơ xét hủy khác.",
		"Document {0} is in another disposal."},
	"disposal.signing": {
		"Tài liệu {0} đang được ký.",
		"Document {0} is being signed."},
	"disposal.shared": {
		"Tài liệu {0} dùng chung trang với tài liệu {1}. Chúng chỉ được hủy cùng nhau.",
		"Document {0} shares pages with document {1}. They can be destroyed together only."},
	"disposal.state": {
		"Hồ sơ xét hủy không ở bước cho phép làm việc này.",
		"The disposal is not at the step for this."},
	"disposal.verdict": {
		"Chưa có quyết định hủy hay giữ lại cho tài liệu {0}; tài liệu giữ lại cần thời hạn mới.",
		"It is not decided whether document {0} is destroyed or kept; one that is kept needs a new period."},
	"disposal.members": {
		"Hội đồng cần ít nhất {0} thành viên, mỗi người một tên.",
		"The council needs {0} members at least, each with a name."},
	"disposal.council": {
		"Hãy ghi biên bản họp, số quyết định và ngày quyết định.",
		"Give the minutes, the number of the decision and its day."},
	"disposal.own": {
		"Người lập hồ sơ xét hủy không được tự phê duyệt.",
		"Who proposed a disposal does not approve it."},
	"disposal.twice": {
		"Bạn đã phê duyệt. Cần một người khác phê duyệt lần thứ hai.",
		"You have approved already. The second approval is somebody else's."},
	"disposal.approver": {
		"Bạn không có quyền phê duyệt việc hủy tài liệu.",
		"You may not approve the destruction of documents."},
	"disposal.away": {
		"Kho lưu trữ {0} không trả lời; việc hủy sẽ được tiếp tục sau.",
		"The {0} store does not answer; destruction goes on later."},
	"disposal.locked": {
		"Kho lưu trữ {0} đang khóa nội dung của tài liệu {1} (Object Lock); việc hủy sẽ được tiếp tục khi hết khóa.",
		"The {0} store has document {1} under a lock (Object Lock); destruction goes on when that ends."},
	"disposal.remains": {
		"Kho lưu trữ {0} vẫn còn {1} sau khi hủy; việc hủy sẽ được làm lại.",
		"The {0} store still has {1} after its destruction; that is done again."},
	"disposal.uncertified": {
		"Hồ sơ này chưa có giấy chứng nhận tiêu hủy.",
		"This disposal has no certificate of destruction yet."},
	"document.destroying": {
		"Tài liệu {0} đang được tiêu hủy nên không xem được nữa.",
		"Document {0} is being destroyed and cannot be read any more."},
	"document.destroyed": {
		"Tài liệu {0} đã bị hủy hợp lệ ngày {1} theo hồ sơ xét hủy {2}.",
		"Document {0} was destroyed in due form on {1} by disposal {2}."},
	"recover.destroyed": {
		"Tài liệu {0} đã bị hủy theo hồ sơ {1} nhưng kho lưu trữ lại có nó, có lẽ từ một bản sao lưu cũ. Nó không được khôi phục; hãy báo người phụ trách lưu trữ.",
		"Document {0} was destroyed by disposal {1}, yet the storage root has it, perhaps from an old backup. It is not recovered; tell the archivist."},
}

func init() { say(lifeMessages) }
