package sohoa

// fieldMessages are the sentences about fields and their confirmation. {0} is
// the name of the field, {1} the value.
var fieldMessages = map[string]message{
	"field.typeName": {
		"Loại văn bản “{1}” không hợp lệ: phải có chữ, không quá 100 ký tự.",
		"“{1}” is no kind of paper: it must have letters, at most 100 characters."},
	"field.codeNumber": {
		"Số “{1}” không hợp lệ: phải có chữ số, không quá 11 ký tự, ví dụ 123 hoặc 12a. Phần sau dấu gạch chéo ghi ở ô Ký hiệu.",
		"“{1}” is no number: it must have digits, at most 11 characters, as 123 or 12a. What follows the stroke is the notation."},
	"field.codeNotation": {
		"Ký hiệu “{1}” không hợp lệ: dùng chữ, số, gạch ngang, gạch chéo, không quá 30 ký tự, ví dụ QĐ-UBND.",
		"“{1}” is no notation: use letters, digits, hyphens and strokes, at most 30 characters, as QĐ-UBND."},
	"field.issuedDate": {
		"Ngày ban hành “{1}” không đúng: phải là ngày có thật, không ở tương lai, ghi như 30/11/2026.",
		"“{1}” is no date of issue: it must be a day that was, not one to come, as 30/11/2026."},
	"field.organName": {
		"Cơ quan ban hành “{1}” không hợp lệ: phải có chữ, không quá 200 ký tự.",
		"“{1}” is no agency: it must have letters, at most 200 characters."},
	"field.subject": {
		"Trích yếu “{1}” không hợp lệ: phải có chữ, không quá 500 ký tự.",
		"“{1}” is no subject: it must have letters, at most 500 characters."},
	"field.signer": {
		"Người ký “{1}” không hợp lệ: ghi họ tên, không quá 300 ký tự.",
		"“{1}” is no signer: write a name, at most 300 characters."},
	"field.ownerName": {
		"Họ tên chủ giấy tờ “{1}” không hợp lệ: ghi họ tên hoặc tên tổ chức, không quá 300 ký tự.",
		"“{1}” is no owner: write the name of a person or an organisation, at most 300 characters."},
	"field.ownerId": {
		"Số định danh “{1}” không đúng: 12 số (CCCD), 9 số (CMND), 10 hoặc 13 số (tổ chức), hoặc số hộ chiếu.",
		"“{1}” is no identity number: 12 digits or 9 of a person, 10 or 13 of an organisation, or that of a passport."},
	"fields.unknown": {
		"Không có trường “{0}”.",
		"There is no field “{0}”."},
	"fields.twice": {
		"Trường “{0}” có hai lần.",
		"Field “{0}” is given twice."},
	"fields.place": {
		"Vị trí của trường “{0}” không nằm trên trang nào của tài liệu.",
		"The place of field “{0}” is on no page of the document."},
	"fields.missing": {
		"Thiếu trường “{0}” mà máy đã đọc được. Hãy gửi đủ các trường; trường không có trên giấy thì để trống.",
		"Field “{0}”, which was read, is missing. Send all fields; one that is not on the paper is empty."},
	"fields.changed": {
		"{0} vừa đối chiếu tài liệu này. Hãy xem giá trị của hai bên rồi xác nhận lại.",
		"{0} has just confirmed this document. Look at the values of both, then confirm again."},
	"fields.found-again": {
		"Các trang của tài liệu vừa được đọc lại. Hãy xem lại các trường rồi xác nhận.",
		"The pages of the document have just been read again. Look at its fields again, then confirm."},
	"fields.not-found": {
		"Tài liệu {0} chưa được đọc xong nên chưa đối chiếu được. Hãy đợi đọc xong.",
		"Document {0} is not read yet, so its fields cannot be confirmed. Wait until it is."},
	"fields.argument": {
		"“{0}” không đúng dạng TÊN=GIÁ TRỊ.",
		"“{0}” is not of the form NAME=VALUE."},
}

func init() { say(fieldMessages) }
