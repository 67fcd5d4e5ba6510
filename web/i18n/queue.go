package i18n

import "maps"

// queueing are the strings of what waits for an official.
var queueing = map[string]phrase{
	"queue.title":        {"Chờ tôi ký", "Waiting for my signature"},
	"queue.none":         {"Không có tài liệu nào chờ bạn ký.", "Nothing waits for your signature."},
	"queue.sets":         {"trong %d bộ trình ký", "in %d signing sets"},
	"queue.before":       {"đã ký trước:", "signed before:"},
	"queue.since":        {"chờ từ", "waiting since"},
	"queue.due":          {"Hạn ký", "To be signed by"},
	"queue.failed":       {"Chưa ký được:", "Not signed:"},
	"queue.again":        {"Có thể ký lại hoặc từ chối.", "Sign it again, or refuse it."},
	"queue.sign":         {"Ký các tài liệu đã chọn", "Sign what is chosen"},
	"queue.remote-one":   {"Mỗi lần chỉ ký tài liệu của một bộ trình ký.", "Documents of one signing set at a time."},
	"queue.no-key":       {"Bạn chưa có khóa ký trên hệ thống này. Hãy mở bộ trình ký để ký bằng công cụ trên máy của bạn.", "You have no key on this system. Open the signing set to sign with the tool on your machine."},
	"queue.pick-all":     {"Chọn tất cả", "Choose all"},
	"queue.returned":     {"Bị từ chối, của những gì tôi trình", "Refused, of what I put up"},
	"queue.put-up-again": {"Trình ký lại", "Put up again"},
	"queue.key-next":     {"tài liệu sau", "next document"},
	"queue.key-previous": {"tài liệu trước", "previous document"},
	"queue.key-choose":   {"chọn hoặc bỏ chọn", "choose, or not"},
	"queue.key-open":     {"mở để xem và ký", "open, to see and sign"},
	"queue.key-sign":     {"tới ô mã PIN", "to the PIN"},
	"queue.key-refuse":   {"từ chối, kèm lý do", "refuse, with a reason"},

	"urgency.failed":  {"Chưa ký được, cần xem lại", "Not signed, look again"},
	"urgency.overdue": {"Quá hạn", "Overdue"},
	"urgency.today":   {"Hạn hôm nay", "Due today"},
	"urgency.soon":    {"Hạn trong vài ngày tới", "Due in the next days"},
	"urgency.later":   {"Hạn sau", "Due later"},
	"urgency.undated": {"Không có hạn", "No day named"},

	"newset.due":      {"Hạn ký (nếu có)", "To be signed by (if any)"},
	"newset.due-help": {"Để trống thì tính theo ngày hẹn trả của hồ sơ.", "Left empty, the day of return of each dossier counts."},

	"signview.way":           {"Tài liệu chờ ký", "Documents that wait"},
	"signview.number":        {"%d/%d chờ ký", "%d of %d waiting"},
	"signview.previous":      {"Trước", "Previous"},
	"signview.next":          {"Sau", "Next"},
	"signview.sign":          {"Ký tài liệu này", "Sign this document"},
	"signview.sign-one":      {"Ký", "Sign"},
	"signview.refuse-one":    {"Từ chối tài liệu này", "Refuse this document"},
	"signview.tool":          {"Ký bằng công cụ", "Sign with the tool"},
	"signview.not-yours":     {"Đang chờ:", "Waiting for:"},
	"signview.fields":        {"Thông tin trên giấy tờ", "Fields"},
	"signview.no-fields":     {"Chưa bóc tách được trường nào.", "No fields were found."},
	"signview.signatures":    {"Chữ ký đã có", "Signatures so far"},
	"signview.unsigned":      {"Chưa có chữ ký nào.", "There is none yet."},
	"signview.earlier":       {"Các phiên bản trước", "Earlier versions"},
	"signview.signed-by":     {"Bản có chữ ký của %s", "As signed by %s"},
	"signview.mark":          {"Vị trí chữ ký trên trang", "Where the mark goes"},
	"signview.delegate-help": {"Chuyển cả bước này của bộ trình ký; mọi tài liệu chưa ký ở bước này sẽ chờ người được chuyển.", "This passes on the whole step: every document of the set that is not signed at this step will wait for them."},
	"signview.progress":      {"Tiến độ của bộ trình ký", "Progress of the set"},

	"dossier-sign.title":    {"Trình ký", "Signing"},
	"dossier-sign.waits":    {"đang chờ", "waiting for"},
	"dossier-sign.failed":   {"lần ký gần nhất không thành:", "the last attempt failed:"},
	"dossier-sign.next":     {"Sửa theo lý do rồi trình ký lại, hoặc hỏi người từ chối.", "Put right what is named and put it up again, or ask who refused."},
	"dossier-sign.stamping": {"đã ký; dấu thời gian sẽ được lấy tự động", "signed; its timestamp will be fetched by itself"},
}

func init() { maps.Copy(phrases, queueing) }
