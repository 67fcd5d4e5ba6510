package i18n

// looking are the strings of the page that the code of a printed copy leads
// to.
var looking = map[string]phrase{
	"lookup.title":           {"Tra cứu bản in", "Look up a printed copy"},
	"lookup.intro":           {"Nhập mã tra cứu in cạnh mã QR để biết cơ quan nào đang lưu giấy tờ, ai đã ký và chữ ký có hợp lệ không.", "Type the code beside the QR code to learn which agency keeps the paper, who signed it, and whether the signatures are valid."},
	"lookup.code":            {"Mã tra cứu", "Lookup code"},
	"lookup.code-help":       {"16 chữ và số, không phân biệt hoa thường.", "16 letters and digits, in either case."},
	"lookup.submit":          {"Tra cứu", "Look up"},
	"lookup.elsewhere":       {"Có tệp PDF mà không có mã?", "A PDF without a code?"},
	"lookup.printed":         {"Có bản in mang mã QR hoặc mã tra cứu?", "A printed copy with a QR or lookup code?"},
	"lookup.kept-by":         {"Bản điện tử đang được lưu tại: %s.", "Its electronic original is kept by: %s."},
	"lookup.moved":           {"Các trang của giấy tờ này đã được chuyển sang giấy tờ khác; ở đây chỉ còn bản gốc đã tiếp nhận.", "The pages of this paper were moved to others; what is kept here is the original as it was received."},
	"lookup.read-by-machine": {"máy đọc, chưa đối chiếu", "read by machine, not confirmed"},
	"lookup.signers":         {"Người ký", "Signed by"},
	"lookup.a-person":        {"một cá nhân (không nêu tên ở đây)", "a person (not named here)"},
	"lookup.nobody":          {"chưa có chữ ký số", "no digital signature"},
	"lookup.checked":         {"Kiểm tra lúc", "Checked at"},
	"lookup.minimal":         {"Mã có thể bị chép sang một tờ khác: hãy so loại, số, ngày, số trang, và tốt nhất là tệp PDF. Trang này không hiện nội dung giấy tờ hay tên công dân.", "A code can be copied onto another sheet: compare kind, number, date and pages, and best of all the PDF. This page shows neither the content of the paper nor names of citizens."},
	"lookup.compare":         {"So với tệp PDF của bạn", "Compare with your PDF"},
	"lookup.compare-help":    {"Nếu bạn có tệp PDF, hãy thả vào đây để biết có đúng là bản đang lưu hay không.", "If you have the PDF, drop it here to learn whether it is the one that is kept."},

	"kept.TOTAL-PASSED":  {"Có lưu, chữ ký hợp lệ", "Kept, its signatures are valid"},
	"kept.INDETERMINATE": {"Có lưu, nhưng chưa đủ căn cứ để nói chữ ký hợp lệ", "Kept, but its signatures cannot be called valid"},
	"kept.TOTAL-FAILED":  {"Có lưu, nhưng có chữ ký KHÔNG hợp lệ", "Kept, but a signature is NOT valid"},
	"kept.NO-SIGNATURE":  {"Có lưu, không có chữ ký số", "Kept, without a digital signature"},
	"kept.unsigned":      {"Có lưu, không có chữ ký số", "Kept, without a digital signature"},
	"kept.unfinished":    {"Đã tiếp nhận, chưa xử lý xong", "Received, not finished yet"},

	"relation.same":           {"Đúng là tệp đang lưu", "Exactly the file that is kept"},
	"relation.extended":       {"Tệp đang lưu, có thêm phần sau", "The kept file, with something added"},
	"relation.earlier":        {"Bản trước của tệp đang lưu", "An earlier revision of the kept file"},
	"relation.content":        {"Cùng nội dung đã ký", "The same signed content"},
	"relation.rendition":      {"Một bản khác của cùng giấy tờ", "Another rendition of the same paper"},
	"relation.other":          {"KHÔNG phải tệp đang lưu", "NOT the file that is kept"},
	"relation-help.same":      {"Giống từng byte với bản mà cơ quan đang lưu.", "It equals what the agency keeps, byte for byte."},
	"relation-help.extended":  {"Tệp này gồm trọn vẹn bản đang lưu rồi có thêm chữ ký hoặc thay đổi; kết quả kiểm tra bên dưới nói phần thêm có được phép hay không.", "It holds all of the kept file and then more; the check below says whether what was added is permitted."},
	"relation-help.earlier":   {"Bản đang lưu bắt đầu đúng bằng tệp này, và có thêm chữ ký hoặc dấu thời gian về sau.", "The kept file begins with this one and has later signatures or timestamps."},
	"relation-help.content":   {"Phần nội dung được ký giống hệt bản đang lưu; chỉ khác phần nằm trong chữ ký, như dấu thời gian gắn sau.", "What was signed equals the kept file; only the inside of the signature differs, as after a later timestamp."},
	"relation-help.rendition": {"Cơ quan cũng lưu tệp này (bản gốc, bản đọc hoặc PDF trước khi ký), nhưng đó không phải bản đã ký.", "The agency keeps this file too (original, access copy or PDF before signing), but it is not the signed one."},
	"relation-help.other":     {"Nội dung khác với mọi bản đang lưu của giấy tờ này. Bản in và tệp có thể không cùng một giấy tờ.", "It differs from everything that is kept of this paper. Print and file may not belong together."},
}

func init() { add(looking) }
