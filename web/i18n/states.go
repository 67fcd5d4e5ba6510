package i18n

import "maps"

// trade are the words for states, stages and the like: each key is a group
// and a constant of the root package.
var trade = map[string]phrase{
	"state.accepted": {"Đã nhận", "Received"},
	"state.reading":  {"Đang đọc", "Being read"},
	"state.read":     {"Đã đọc", "Read"},
	"state.kept":     {"Đã lưu trữ", "Kept"},
	"state.parked":   {"Bị dừng", "Stopped"},

	"state-help.accepted": {"Bản gốc đã được lưu an toàn, đang chờ tách trang.", "The original is safely stored and waits to be split into pages."},
	"state-help.reading":  {"Các trang đang được nhận dạng chữ.", "Its pages are being recognised."},
	"state-help.read":     {"Mọi trang đã tìm kiếm được; đang tạo PDF, ký và lưu trữ.", "Every page can be searched; it is being composed, signed and kept."},
	"state-help.kept":     {"Đã vào kho lưu trữ và đã được đọc lại để kiểm tra.", "It is in the archive and was read back."},
	"state-help.parked":   {"Đã dừng và cần người xem lại. Bản gốc vẫn được giữ.", "It stopped and somebody has to look at it. The original is kept."},

	"stage.":         {"Đang chuyển bước", "Between two steps"},
	"stage.split":    {"Tách trang", "Splitting"},
	"stage.read":     {"Đọc chữ", "Reading"},
	"stage.compose":  {"Tạo PDF/A", "Composing"},
	"stage.sign":     {"Ký số", "Signing"},
	"stage.preserve": {"Lưu trữ", "Preserving"},
	"stage.stamp":    {"Lấy dấu thời gian", "Timestamping"},

	"stage.cosign": {"Cơ quan ký", "The office signs"},
	"stage.renew":  {"Gia hạn chứng cứ", "Renewing evidence"},

	"signature.":                   {"Chưa đến bước ký", "Not reached yet"},
	"signature.pending":            {"Chưa đến bước ký", "Not reached yet"},
	"signature.unsigned":           {"Không có chữ ký", "Not signed"},
	"signature.signed-B-B":         {"Đã ký, không có dấu thời gian (B-B)", "Signed, no timestamp (B-B)"},
	"signature.awaiting-timestamp": {"Đã ký, đang chờ dấu thời gian", "Signed, awaiting timestamp"},
	"signature.signed-B-T":         {"Đã ký, có dấu thời gian (B-T)", "Signed and timestamped (B-T)"},
	"signature.signed-B-LT":        {"Đã ký, có bằng chứng lâu dài (B-LT)", "Signed, long-term evidence (B-LT)"},
	"signature.signed-B-LTA":       {"Đã ký, có bằng chứng lưu trữ (B-LTA)", "Signed, archival evidence (B-LTA)"},
	"signature.failed":             {"Ký không thành công", "Signing failed"},

	"signature-help.":                   {"Tài liệu sẽ được ký sau khi tạo PDF.", "It will be signed once its PDF is made."},
	"signature-help.pending":            {"Tài liệu sẽ được ký sau khi tạo PDF.", "It will be signed once its PDF is made."},
	"signature-help.unsigned":           {"Bản PDF không mang chữ ký của cơ quan.", "The PDF carries no signature of the agency."},
	"signature-help.signed-B-B":         {"Chữ ký đã được kiểm tra lại; thời điểm ký chưa có bên thứ ba xác nhận.", "The signature was verified after signing; nobody else vouches for its time."},
	"signature-help.awaiting-timestamp": {"Chữ ký đúng nhưng máy chủ dấu thời gian chưa trả lời; hệ thống sẽ tự thử lại.", "The signature is good, but the timestamp authority has not answered; it will be asked again."},
	"signature-help.signed-B-T":         {"Chữ ký và dấu thời gian đã được kiểm tra lại.", "Signature and timestamp were verified after signing."},
	"signature-help.signed-B-LT":        {"Chữ ký kèm bằng chứng để kiểm tra lâu dài.", "The signature carries what a check needs in years to come."},
	"signature-help.signed-B-LTA":       {"Chữ ký và bằng chứng được dấu thời gian lưu trữ bảo vệ.", "Signature and evidence are under an archival timestamp."},
	"signature-help.failed":             {"Chữ ký vừa tạo không qua được kiểm tra nên không được dùng.", "The signature that was made did not verify and is not used."},

	"file.original": {"Bản gốc", "Original"},
	"file.pdf":      {"PDF tìm kiếm được", "Searchable PDF"},
	"file.access":   {"Bản đọc (nhẹ)", "Access copy (small)"},
	"file.signed":   {"PDF đã ký", "Signed PDF"},
	"file.text":     {"Văn bản (.txt)", "Text (.txt)"},

	"field.typeName":     {"Loại văn bản", "Kind of document"},
	"field.codeNumber":   {"Số", "Number"},
	"field.codeNotation": {"Ký hiệu", "Notation"},
	"field.issuedDate":   {"Ngày ban hành", "Issued on"},
	"field.organName":    {"Cơ quan ban hành", "Issued by"},
	"field.subject":      {"Trích yếu", "Subject"},
	"field.unconfirmed":  {"chưa xác nhận", "not confirmed"},

	"reason.jpeg.cmyk":        {"Ảnh JPEG dùng màu in (CMYK); được lưu lại thành RGB, không nén mất dữ liệu.", "The JPEG has printing colours (CMYK); it was stored again as RGB, with lossless compression."},
	"reason.jpeg.rgb":         {"Ảnh JPEG lưu màu RGB theo cách mà phần mềm đọc PDF hiểu khác nhau; được lưu lại không mất dữ liệu.", "The JPEG stores RGB in a way on which PDF readers disagree; it was stored again without loss."},
	"reason.jpeg.unfinished":  {"Tệp JPEG thiếu phần kết thúc; phần đọc được đã được lưu lại không mất dữ liệu.", "The JPEG file lacks its end; what it holds was stored again without loss."},
	"reason.png.interlaced":   {"Ảnh PNG xen kẽ, PDF không có dạng này; được lưu lại không mất dữ liệu.", "The PNG is interlaced, which PDF is not; it was stored again without loss."},
	"reason.png.transparent":  {"Ảnh PNG có phần trong suốt; được đặt trên nền giấy trắng.", "The PNG has transparent parts; it was laid on white paper."},
	"reason.png.16-bit":       {"Ảnh PNG có 16 bit mỗi mẫu; 8 bit cao được giữ lại, bản gốc không đổi.", "The PNG has 16 bits a sample; the upper 8 were kept, the original is unchanged."},
	"reason.profile.unusable": {"Hồ sơ màu trong ảnh bị hỏng hoặc PDF/A không cho phép, nên không được đưa vào.", "The colour profile in the image is broken or forbidden by PDF/A, and was left out."},

	"role.admin": {"Quản trị viên", "Administrator"},
	"role.clerk": {"Cán bộ một cửa", "Clerk"},

	"action.document.accept":            {"Tiếp nhận tài liệu", "Document received"},
	"action.document.split":             {"Tách trang", "Split into pages"},
	"action.page.read":                  {"Đọc trang", "Page read"},
	"action.document.compose":           {"Tạo PDF", "PDF composed"},
	"action.document.sign":              {"Ký số", "Signed"},
	"action.document.stamp":             {"Gắn dấu thời gian", "Timestamped"},
	"action.document.keep":              {"Lưu trữ", "Kept"},
	"action.document.park":              {"Bị dừng", "Stopped"},
	"action.document.retry":             {"Thử lại", "Tried again"},
	"action.document.recover":           {"Khôi phục từ kho", "Recovered from the archive"},
	"action.dossier.create":             {"Tạo hồ sơ", "Dossier opened"},
	"action.document.view":              {"Xem", "Viewed"},
	"action.document.download":          {"Tải về", "Downloaded"},
	"action.document.lookup":            {"Tra cứu bản in", "Printed copy looked up"},
	"action.document.prepare-signature": {"Chuẩn bị chữ ký", "Signature prepared"},
	"action.document.renew":             {"Gia hạn chứng cứ", "Evidence renewed"},
	"action.set.create":                 {"Trình ký", "Put up for signing"},
	"action.set.delegate":               {"Giao người ký thay", "Delegated"},
	"action.set.refuse":                 {"Từ chối ký", "Signing refused"},
	"action.set.withdraw":               {"Rút khỏi trình ký", "Withdrawn from signing"},
	"action.search":                     {"Tìm kiếm", "Search"},
	"action.user.set":                   {"Thay đổi người dùng", "User changed"},
	"action.user.sign-in":               {"Đăng nhập", "Signed in"},
	"action.user.sign-in-failed":        {"Đăng nhập thất bại", "Sign-in failed"},

	"verdict.TOTAL-PASSED":  {"Hợp lệ", "Valid"},
	"verdict.INDETERMINATE": {"Chưa đủ căn cứ để kết luận", "Cannot be decided"},
	"verdict.TOTAL-FAILED":  {"Không hợp lệ", "Not valid"},
	"verdict.NO-SIGNATURE":  {"Không có chữ ký", "No signature"},

	"verdict-help.TOTAL-PASSED":  {"Mọi chữ ký đều đúng, từ chứng thư được tin cậy, và tệp không bị sửa ngoài phạm vi cho phép.", "Every signature is right and from a trusted certificate, and nothing was changed beyond what is permitted."},
	"verdict-help.INDETERMINATE": {"Có chữ ký chưa thể khẳng định là hợp lệ; xem lý do bên dưới.", "Some signature cannot be said to be valid; see the reasons below."},
	"verdict-help.TOTAL-FAILED":  {"Có chữ ký sai hoặc tệp đã bị sửa sau khi ký.", "Some signature is wrong, or the file was changed after signing."},
	"verdict-help.NO-SIGNATURE":  {"Tệp PDF này không mang chữ ký số nào.", "This PDF carries no digital signature."},
}

func init() { maps.Copy(phrases, trade) }
