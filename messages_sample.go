package sohoa

// sampleMessages are the sentences about quality samples and figures.
var sampleMessages = map[string]message{
	"sample.unknown": {
		"Không có mẫu kiểm tra {0} trong phạm vi của anh/chị.",
		"There is no sample {0} that you may see."},
	"sample.not-in": {
		"Giấy tờ {0} không thuộc mẫu kiểm tra này.",
		"Document {0} is not in this sample."},
	"sample.size": {
		"Số giấy tờ cần rút phải từ 1 đến {0}.",
		"The number of documents to draw must be 1 to {0}."},
	"sample.days": {
		"Khoảng thời gian chưa đúng: cần ngày bắt đầu và ngày kết thúc, ngày bắt đầu không sau ngày kết thúc.",
		"The days are wrong: a first and a last one are needed, the first not after the last."},
	"sample.agency": {
		"Anh/chị không giám sát cơ quan “{0}”. Hãy chọn cơ quan trong danh sách.",
		"You do not oversee the agency “{0}”. Choose one of the list."},
	"sample.seed": {
		"Số gieo phải gồm 1 đến {0} ký tự trên một dòng. Để trống thì hệ thống tự tạo.",
		"The seed must be 1 to {0} characters in one line. Leave it empty to have one made."},
	"sample.none": {
		"Không có giấy tờ nào được lưu trong khoảng thời gian này để rút mẫu.",
		"Nothing that could be drawn was kept in these days."},
	"sample.drawn": {
		"Vừa có một mẫu khác rút trúng giấy tờ {0}. Hãy rút lại.",
		"Another sample has just drawn document {0}. Draw again."},
	"sample.page": {
		"Giấy tờ này không có trang {0}.",
		"This document has no page {0}."},
	"sample.answers": {
		"Mỗi câu hỏi cần một câu trả lời: đạt, hoặc một lỗi trong danh sách của câu hỏi đó.",
		"Every question needs an answer: yes, or one of the faults listed with it."},
	"sample.note": {
		"Lỗi “khác” cần ghi chú nói rõ lỗi gì, không quá 1000 ký tự.",
		"The fault “other” needs a note that says what it is, of at most 1000 characters."},
	"sample.closed": {
		"Mẫu kiểm tra này đã kết thúc, kết quả không sửa được nữa.",
		"This sample is closed; its result cannot be changed any more."},
	"sample.open": {
		"Mẫu kiểm tra này chưa kết thúc: còn {0} giấy tờ chưa đánh giá xong.",
		"This sample cannot be closed: {0} documents are not judged to the end."},
	"sample.differs": {
		"Mẫu {0} không khớp với số gieo của nó: có giấy tờ đáng lẽ phải được rút mà không có trong mẫu.",
		"Sample {0} does not agree with its seed: documents should have been drawn and are not in it."},
	"sample.not-due": {
		"Giấy tờ này không có lỗi nào đang chờ khắc phục.",
		"This document has no fault that waits to be corrected."},
	"figures.format": {
		"Không có định dạng “{0}”. Dùng csv hoặc xlsx.",
		"There is no format “{0}”. Use csv or xlsx."},
	"figures.none": {
		"Máy chủ này không tính số liệu.",
		"This server counts nothing."},
	"figures.step": {
		"Không thể chia khoảng thời gian này theo “{0}”: tối đa {1} khoảng. Hãy chọn đơn vị lớn hơn hoặc thời gian ngắn hơn.",
		"This time cannot be broken down by “{0}”: there can be at most {1} steps. Choose a larger step or a shorter time."},
}

func init() { say(sampleMessages) }
