package sohoa

// reuseMessages are the sentences about procedures, search and reuse.
var reuseMessages = map[string]message{
	"procedure.invalid": {
		"Thủ tục {0} không nhập được: sai ở “{1}”. Mỗi thủ tục cần mã và tên; mỗi thành phần hồ sơ cần mã không trùng và tên.",
		"Procedure {0} cannot be entered: “{1}” is wrong. A procedure needs a code and a name; each paper that it asks for needs a code of its own and a name."},
	"search.verify-at": {
		"Thiết lập index_verify_at “{0}” không đúng. Hãy ghi giờ và phút như 01:30, hoặc never.",
		"The setting index_verify_at “{0}” is wrong. Write hours and minutes, as 01:30, or never."},
	"search.key": {
		"Tệp khóa {0} không đúng: phải là 64 chữ số thập lục phân. Hãy lấy lại từ bản sao lưu; nếu đã mất, hãy xóa tệp, chỉ mục sẽ được dựng lại với khóa mới.",
		"The key file {0} is wrong: it must be 64 hexadecimal digits. Bring it back from a back-up; if it is lost, remove the file, and the index is rebuilt with a new key."},
	"procedure.unknown": {
		"Không có thủ tục {0} trong danh mục. Nhập danh mục thủ tục trước.",
		"There is no procedure {0} in the list. Import the list of procedures first."},
	"procedure.row": {
		"Dòng {0}, thủ tục {1}: sai ở “{2}”. Mỗi thủ tục cần mã và tên; mỗi thành phần hồ sơ cần mã không trùng và tên; số ngày là số nguyên.",
		"Line {0}, procedure {1}: “{2}” is wrong. A procedure needs a code and a name; each paper that it asks for needs a code of its own and a name; days are a whole number."},
	"requirement.unknown": {
		"Thủ tục {1} không có thành phần hồ sơ {0}.",
		"Procedure {1} does not ask for a paper {0}."},
	"reuse.unknown": {
		"Không có quyết định tái sử dụng {0} trong phạm vi của anh/chị.",
		"There is no reuse {0} that you may see."},
	"reuse.taken": {
		"Thành phần {1} của hồ sơ {0} đã dùng một kết quả khác. Bỏ kết quả đó ra trước nếu muốn thay.",
		"Paper {1} of dossier {0} has another result already. Take that out first to use this one."},
	"reuse.own": {
		"Tài liệu {0} là của chính hồ sơ này, không phải tái sử dụng.",
		"Document {0} belongs to this dossier itself; that is no reuse."},
	"reuse.confirm": {
		"Kết quả này chỉ dùng được sau khi anh/chị xác nhận những điểm chưa chắc chắn.",
		"This result can be used only after you confirm what is not certain."},
	"reuse.changing": {
		"Tài liệu đang thay đổi. Hãy thử lại.",
		"The document is being changed. Try again."},
	"reuse.reason": {
		"Cần chọn một lý do trong danh sách; “{0}” không có.",
		"Choose one of the listed reasons; “{0}” is none."},
	"reuse.note": {
		"Ghi chú dài quá {0} ký tự.",
		"The note has more than {0} characters."},
	"reuse.is-accepted": {
		"Kết quả này đang được dùng. Bỏ ra khỏi hồ sơ thay vì từ chối.",
		"This result is in use. Take it out of the dossier instead of declining it."},
	"reuse.not-accepted": {
		"Kết quả này không được dùng trong hồ sơ, nên không có gì để bỏ ra.",
		"This result is not used in the dossier; there is nothing to take out."},
	"reuse.not-lost": {
		"Kết quả này vẫn còn hiệu lực.",
		"This result is in force."},
	"reuse.days": {
		"Cần ngày đầu và ngày cuối, ngày đầu không sau ngày cuối.",
		"Give a first and a last day, the first not after the last."},
	"compare.form": {
		"Cần chọn hình thức giấy tờ đã đối chiếu; “{0}” không có.",
		"Choose the form of the paper that it was compared with; “{0}” is none."},
	"reuse.owner-number": {
		"Số định danh của chủ giấy tờ khác số định danh của chủ hồ sơ.",
		"The identity number of its owner is not that of the dossier's owner."},
	"reuse.owner-name": {
		"Chỉ trùng họ tên; thiếu số định danh và ngày sinh để biết là cùng một người.",
		"Only the name is the same; without identity number and birth date nobody knows that it is the same person."},
	"reuse.owner-other": {
		"Giấy tờ này không phải của chủ hồ sơ.",
		"This paper does not belong to the dossier's owner."},
	"reuse.owner-unproven": {
		"Trùng họ tên và ngày sinh, nhưng một bên không có số định danh. Hãy xác nhận là cùng một người.",
		"Name and birth date are the same, but one side has no identity number. Confirm that it is the same person."},
	"reuse.type": {
		"Không phải loại giấy tờ mà thành phần “{0}” yêu cầu.",
		"It is not of a kind that “{0}” asks for."},
	"reuse.type-read": {
		"Loại giấy tờ chưa được xác định; trên giấy đọc được “{0}”. Hãy xác nhận loại.",
		"Its kind was not entered; “{0}” was read on it. Confirm the kind."},
	"reuse.not-kept": {
		"Tài liệu chưa được lưu, hoặc không còn được lưu.",
		"The document is not kept yet, or no longer."},
	"reuse.scope": {
		"Giấy tờ có hiệu lực ở “{0}”, thủ tục cần “{1}”.",
		"It is valid in “{0}”; the procedure wants “{1}”."},
	"reuse.scope-unknown": {
		"Chưa biết phạm vi hiệu lực; thủ tục cần “{0}”. Hãy xác nhận.",
		"It is not known where it is valid; the procedure wants “{0}”. Confirm it."},
	"reuse.age": {
		"Cấp ngày {0}, quá {1} ngày mà thủ tục cho phép.",
		"It was issued on {0}, longer ago than the {1} days that the procedure allows."},
	"reuse.age-unknown": {
		"Chưa biết ngày cấp; thủ tục chỉ nhận giấy cấp trong vòng {0} ngày. Hãy xác nhận.",
		"Its date of issue is not known; the procedure takes papers of the last {0} days. Confirm it."},
	"reuse.age-read": {
		"Ngày cấp {0} là do máy đọc, chưa ai xác nhận; thủ tục chỉ nhận giấy cấp trong vòng {1} ngày. Hãy xem trên giấy và xác nhận.",
		"Its date of issue, {0}, was read by machine and confirmed by nobody; the procedure takes papers of the last {1} days. Look at the paper and confirm it."},
	"reuse.unsigned": {
		"Bản lưu không có chữ ký số nào.",
		"What is kept carries no digital signature."},
	"reuse.signature-bad": {
		"Chữ ký số không hợp lệ ({0}).",
		"A digital signature is not valid ({0})."},
	"reuse.signature-untrusted": {
		"Không xác định được chữ ký của {0} là của ai đáng tin cậy ({1}).",
		"Nobody who is trusted here vouches for the signature of {0} ({1})."},
	"reuse.signature-unproven": {
		"Chữ ký của {0} không có dấu thời gian, và chứng thư số nay đã hết hạn.",
		"The signature of {0} has no timestamp, and its certificate has expired since."},
	"reuse.signature-received": {
		"Chữ ký không có dấu thời gian; khi nhận vào kho ngày {0} thì còn hợp lệ. Hãy xác nhận.",
		"A signature has no timestamp; it was valid when the file was received on {0}. Confirm it."},
	"reuse.signature-unchecked": {
		"Chưa kiểm tra được chứng thư số của {0} có bị thu hồi trước khi ký hay không. Hãy xác nhận.",
		"It was not checked whether the certificate of {0} had been revoked before signing. Confirm it."},
	"reuse.signature-ours": {
		"Bản điện tử chỉ có chữ ký của nơi lưu, không có chữ ký của cơ quan cấp. Hãy xác nhận.",
		"This electronic file has only the signature of the office that keeps it, none of who issued it. Confirm it."},
	"reuse.origin": {
		"Bản số hóa chưa được ai đối chiếu với bản chính. Hãy xác nhận đã xem.",
		"Nobody compared this scan with the original. Confirm that you looked at it."},
	"reuse.origin-unsigned": {
		"Bản điện tử chưa chứng minh được là bản gốc. Hãy xác nhận đã xem.",
		"It is not proven that this electronic file is an original. Confirm that you looked at it."},
	"disposal.reused": {
		"Tài liệu {0} đang được hồ sơ {1} tái sử dụng, mà hồ sơ đó chưa kết thúc.",
		"Document {0} is used by dossier {1}, on which work goes on."},
}

func init() { say(reuseMessages) }
