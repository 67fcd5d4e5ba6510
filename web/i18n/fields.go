package i18n

// confirming are the strings of pages where fields are compared with the
// paper.
var confirming = map[string]phrase{
	"action.document.confirm": {"Đối chiếu trường thông tin", "Fields confirmed"},

	"field.signer":    {"Người ký", "Signer"},
	"field.ownerName": {"Chủ giấy tờ", "Owner named on it"},
	"field.ownerId":   {"Số định danh của chủ giấy tờ", "Owner's identity number"},

	"fields.title":      {"Đối chiếu trường thông tin", "Confirm fields"},
	"fields.open":       {"Đối chiếu trường (f)", "Confirm fields (f)"},
	"fields.open-again": {"Xem, sửa trường (f)", "Look at fields again (f)"},
	"fields.form":       {"Các trường của giấy tờ", "Fields of the paper"},
	"fields.image":      {"Ảnh giấy tờ", "Image of the paper"},
	"fields.left":       {"Còn %d giấy tờ chờ đối chiếu", "%d papers wait"},
	"fields.fixed":      {"Giấy tờ chưa đọc xong hoặc không còn trang nào, nên chưa đối chiếu được.", "The paper is not read yet, or has no pages, so its fields cannot be confirmed."},
	"fields.waits":      {"Giấy tờ được ký sau khi đối chiếu xong.", "It is signed when its fields are confirmed."},
	"fields.kind":       {"Mã loại giấy tờ", "Type of paper"},
	"fields.no-kind":    {"(chưa xác định)", "(not known)"},
	"fields.day-like":   {"ngày/tháng/năm", "day/month/year"},
	"fields.page":       {"trang %d", "page %d"},
	"fields.was-read":   {"Máy đọc là", "Read as"},
	"fields.theirs":     {"Người kia ghi:", "The other wrote:"},
	"fields.take":       {"Lấy giá trị này", "Take it"},
	"fields.conflict":   {"Dưới đây là giá trị của anh/chị; nơi khác nhau có ghi giá trị của người kia. Xác nhận lại sẽ lưu giá trị của anh/chị.", "Below is what you wrote, and beside it what the other wrote where it differs. Confirming again keeps yours."},
	"fields.next":       {"Đúng cả, sang giấy tờ sau", "All right, next paper"},
	"fields.last":       {"Đúng cả", "All right"},
	"fields.stay":       {"Xác nhận rồi về giấy tờ", "Confirm and go back"},
	"fields.skip":       {"Để sau", "Later"},
	"fields.done":       {"đã xem", "seen"},
	"fields.keys":       {"Phím tắt", "Keys"},
	"fields.key-enter":  {"xác nhận trường, sang trường sau; ở trường cuối: xác nhận giấy tờ", "confirm the field, go to the next; at the last one: confirm the paper"},
	"fields.key-all":    {"xác nhận mọi trường còn lại, mở giấy tờ sau", "confirm all that is left, open the next paper"},
	"fields.key-escape": {"lấy lại giá trị máy đọc", "back to what was read"},
	"fields.key-drag":   {"Bấm hoặc rê chuột trên chữ trong ảnh để điền vào trường đang chọn.", "Click or drag over words of the image to fill the field that has the focus."},
	"fields.filled":     {"Đã điền: %s", "Filled in: %s"},
	"fields.absent":     {"không có trên giấy", "not on the paper"},

	"facts.signatures": {"Chữ ký đã có", "Signatures so far"},
	"facts.versions":   {"Các phiên bản", "Versions"},

	"view.keys": {"Phím: ← → trang trước, sau; + − 0 thu phóng; f đối chiếu trường", "Keys: ← → pages; + − 0 zoom; f fields"},

	"certainty.sure":      {"chắc chắn", "sure"},
	"certainty.look":      {"nên xem lại", "look again"},
	"certainty.none":      {"không đọc được", "not read"},
	"certainty.confirmed": {"đã đối chiếu", "confirmed"},

	"confirm.title":    {"Chờ đối chiếu trường", "Papers to confirm"},
	"confirm.none":     {"Không có giấy tờ nào chờ đối chiếu.", "No paper waits."},
	"confirm.done":     {"Đã đối chiếu xong. Không còn giấy tờ nào chờ.", "All done. No paper waits."},
	"confirm.begin":    {"Bắt đầu đối chiếu", "Begin"},
	"confirm.many":     {"hơn %d giấy tờ", "more than %d papers"},
	"confirm.shown":    {"Danh sách hiển thị %d giấy tờ cũ nhất.", "The oldest %d are listed."},
	"confirm.of-one":   {"Chỉ hồ sơ", "Dossier"},
	"confirm.home":     {"Giấy tờ chờ đối chiếu trường", "Papers to confirm"},
	"confirm.queue":    {"Xem danh sách", "See the list"},
	"confirm.badge":    {"chưa đối chiếu trường", "fields not confirmed"},
	"confirm.held":     {"Chờ đối chiếu rồi mới ký", "Signed once its fields are confirmed"},
	"confirm.accepted": {"Nhận", "Received"},
}

func init() { add(confirming) }
