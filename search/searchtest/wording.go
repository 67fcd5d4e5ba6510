package searchtest

import (
	"strconv"
	"strings"
)

// What names, places and texts are made of.

// surnames, the commonest first: about four in ten people are Nguyễn.
var surnames = weighted("Nguyễn 380 Trần 110 Lê 95 Phạm 70 Phan 45 Hoàng 35 Vũ 25 Đặng 21 Bùi 20 Võ 20 Huỳnh 18 Đỗ 14 Hồ 13 Ngô 13 " +
	"Dương 10 Đinh 8 Trịnh 7 Lương 7 Lý 6 Đoàn 6 Mai 5 Cao 5 Lâm 5 Tạ 4 Phùng 4 Hà 4 Nông 4 Triệu 4 Châu 3 Thái 3 Tô 3 Chu 3 Quách 2 Vương 2 Kiều 2 Bạch 1 Ôn 1 Giáp 1")

// Middle and given names of men and of women, many of which differ in marks only.
var (
	menMiddle   = weighted("Văn 300 Hữu 40 Đức 50 Minh 50 Quang 35 Công 25 Đình 25 Bá 10 Gia 20 Mạnh 20 Xuân 25 Ngọc 30 Thanh 30 Quốc 35 Trọng 15 Tiến 15 Hoàng 25 Anh 20 Tuấn 15 Thế 12 Duy 15 Khắc 6")
	womenMiddle = weighted("Thị 400 Ngọc 60 Thu 40 Kim 35 Hồng 35 Thanh 40 Phương 30 Bích 20 Mai 15 Minh 20 Diệu 10 Thùy 15 Khánh 15 Xuân 15 Như 10 Quỳnh 10 Hoài 8 Tuyết 8 Mỹ 12")
	menGiven    = strings.Fields("An Ân Bảo Bình Bính Cảnh Chiến Chính Cường Dũng Dụng Dương Đạt Đông Đồng Đức Giang Hải Hài Hào Hảo Hậu Hiếu Hiệu Hòa Hoà Hoàng Hùng Hưng " +
		"Huy Khang Khánh Khoa Kiên Lâm Lãm Long Lộc Lợi Luân Mạnh Minh Nam Nghĩa Nhân Nhẫn Phong Phú Phúc Phước Quân Quý Sang Sơn Tài Tâm Tân Tấn Thái Thắng Thăng Thành Thanh " +
		"Thịnh Thọ Thuận Toàn Toản Trí Triều Trung Trường Tú Tuấn Tùng Việt Vinh Vĩnh Vũ Ước")
	womenGiven = strings.Fields("Anh Ánh Bích Bưởi Châu Chi Cúc Diễm Diệp Dung Duyên Đào Giang Hà Hạ Hạnh Hân Hằng Hiền Hiên Hoa Hoà Hòa Hồng Huế Huệ Hương Hường Kiều Lan " +
		"Lành Lê Lệ Liên Linh Loan Ly Mai Mận Mỹ My Nga Ngà Ngân Ngọc Nguyệt Nhàn Nhung Nở Oanh Phượng Phương Quyên Quỳnh Tâm Thảo Thắm Thanh Thơ Thoa Thu Thủy Thúy Thùy Thư " +
		"Trang Trâm Trinh Tuyết Tươi Uyên Vân Xuân Yên Yến")
)

// Communes; the same name stands in several provinces.
var (
	communes = list("Tân Lập|Tân Tiến|Hòa Bình|Hoà Thắng|Quảng Phú|Cư Êbur|Ea Kao|Vĩnh Thạnh|Vĩnh Hiệp|Phước Đồng|Bình Minh|Bình Mỹ|Long Hòa|Long Hưng|Mỹ Phong|Mỹ Phước|" +
		"Tam Kỳ|Tam Phú|Nghĩa Hòa|Nghĩa An|Cẩm Hà|Cẩm Thanh|Điện Bàn|Đại Lộc|Quế Sơn|Duy Xuyên|Nhơn Hội|Nhơn Bình|Ghềnh Ráng|Bùi Thị Xuân|Trần Quang Diệu|Đắk Wil|Đắk Rla|" +
		"Nam Dong|Trúc Sơn|Thuận An|Đức Minh|Quảng Sơn|Nhân Cơ|Kiến Đức|An Khê|An Phú|An Thạnh|Phú Lộc|Phú Bài|Hương Trà|Hương Thủy|Vân Canh|Tuy Phước|Phù Cát|Phù Mỹ|Hoài Ân|" +
		"Ba Đình|Đông Anh|Sóc Sơn|Gia Lâm|Thanh Trì|Mê Linh|Ba Vì|Thạch Thất|Quốc Oai|Chương Mỹ|Thường Tín|Ứng Hòa|Xuân Lộc|Long Khánh|Trảng Bom|Thống Nhất|Định Quán|" +
		"Bắc Sơn|Nam Sơn|Đồng Tâm|Đồng Tiến|Yên Bình|Yên Lạc|Quang Trung|Lê Lợi|Trưng Vương|Hồng Phong|Kim Đồng|Minh Khai|Hợp Thành|Đoàn Kết|Cao Lộc|Bình Gia|Tràng Định|Lộc Thanh|Lộc Tiến")
	provinces = list("Đắk Lắk|Lâm Đồng|Khánh Hòa|Quảng Ngãi|Gia Lai|Đà Nẵng|Đồng Tháp|Đồng Nai|Hà Nội|Lạng Sơn")
	villages  = list("thôn 1|thôn 2|thôn 3|thôn 5|thôn 8|buôn Ky|buôn Tơng Jú|tổ dân phố 1|tổ dân phố 4|tổ dân phố 7|tổ dân phố 12|khối phố An Hà|ấp Mỹ Lương|ấp 3|khu vực 6|xóm Đông|xóm Bến|bản Nà Lầu")
	streets   = list("Nguyễn Huệ|Lê Duẩn|Trần Phú|Hai Bà Trưng|Phan Chu Trinh|Lý Thường Kiệt|Quang Trung|Nguyễn Tất Thành|Võ Nguyên Giáp|Hùng Vương|Y Ngông|Tôn Đức Thắng")
	trades    = list("tạp hóa|cà phê|vật liệu xây dựng|quán ăn|sửa chữa xe máy|may mặc|thuốc tây|nông sản|phân bón|điện tử|gỗ mỹ nghệ|dịch vụ vận tải|nhà nghỉ|internet")
)

// Sentences that stand on papers of every kind.
var boilerplate = sentences(`Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;
Căn cứ Luật sửa đổi, bổ sung một số điều của Luật Tổ chức Chính phủ và Luật Tổ chức chính quyền địa phương;
Căn cứ Nghị định số 123/2015/NĐ-CP ngày 15 tháng 11 năm 2015 của Chính phủ quy định chi tiết một số điều và biện pháp thi hành Luật Hộ tịch;
Căn cứ Luật Đất đai ngày 29 tháng 11 năm 2013 và các văn bản hướng dẫn thi hành;
Căn cứ Nghị định số 61/2018/NĐ-CP về thực hiện cơ chế một cửa, một cửa liên thông trong giải quyết thủ tục hành chính;
Theo đề nghị của công chức Tư pháp - Hộ tịch.
Tôi xin cam đoan những lời khai trên là đúng sự thật và chịu hoàn toàn trách nhiệm trước pháp luật về nội dung đã khai.
Các ông (bà) Chánh Văn phòng, Thủ trưởng các cơ quan, đơn vị có liên quan và cá nhân có tên trên chịu trách nhiệm thi hành Quyết định này.
Quyết định này có hiệu lực kể từ ngày ký.
Hồ sơ được tiếp nhận tại Bộ phận tiếp nhận và trả kết quả theo quy định của pháp luật.
Trong thời hạn 05 ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ, cơ quan có thẩm quyền xem xét, giải quyết.
Trường hợp hồ sơ chưa đầy đủ hoặc chưa hợp lệ thì hướng dẫn để người nộp hồ sơ bổ sung, hoàn thiện theo quy định.
Biên bản được lập thành hai bản có nội dung và giá trị như nhau, mỗi bên giữ một bản.
Nơi nhận: Như trên; Lưu: VT, HS.
TM. ỦY BAN NHÂN DÂN CHỦ TỊCH (Ký tên, đóng dấu)
Người làm đơn (Ký, ghi rõ họ tên)`)

// Words between the compounds, and compounds that office texts are full of.
var (
	functionWords = strings.Fields("và của là có không được trong cho với theo tại đã về từ đến các những một này khi để do thì người ông bà hoặc nếu sẽ bị trên dưới sau trước còn phải cũng như vào ra lại")
	officeWords   = list("quy định|hồ sơ|thủ tục|hành chính|cơ quan|thẩm quyền|công dân|giải quyết|đăng ký|xác nhận|giấy tờ|chứng thực|bản sao|bản chính|ủy quyền|quyền sử|sử dụng|thửa đất|diện tích|" +
		"gia đình|hộ khẩu|thường trú|tạm trú|địa chỉ|liên hệ|điện thoại|ngày sinh|dân tộc|quốc tịch|nghề nghiệp|quan hệ|chủ hộ|thành viên|hôn nhân|kết hôn|khai sinh|khai tử|hộ tịch|công chức|" +
		"tư pháp|địa chính|xây dựng|công trình|giấy phép|thiết kế|bản vẽ|ranh giới|tứ cận|hiện trạng|quy hoạch|kế hoạch|mục đích|chuyển đổi|chuyển nhượng|thừa kế|tặng cho|hợp đồng|nghĩa vụ|tài chính|" +
		"lệ phí|kinh phí|hỗ trợ|trợ cấp|bảo trợ|xã hội|người cao|cao tuổi|khuyết tật|hội đồng|xét duyệt|cuộc họp|thành phần|chủ trì|thư ký|ý kiến|nhất trí|kết luận|biên bản|quyết định|thông báo|tờ trình|" +
		"đề nghị|kiến nghị|khiếu nại|tố cáo|xử phạt|vi phạm|kiểm tra|xác minh|thực địa|đo đạc|bản đồ|trích lục|trích đo|kinh doanh|ngành nghề|vốn góp|đại diện|pháp luật|thực hiện|tổ chức|cá nhân|trách nhiệm|thời hạn|kết quả|nội dung|phối hợp|đơn vị|báo cáo|tiếp nhận|trả lời|văn bản|hướng dẫn|bổ sung")
)

// list cuts s at bars.
func list(s string) []string { return strings.Split(s, "|") }

// sentences are the lines of s in words.
func sentences(s string) [][]string {
	var out [][]string
	for line := range strings.Lines(s) {
		out = append(out, strings.Fields(line))
	}
	return out
}

// choice is a word and where its share of the whole ends.
type choice struct {
	word string
	upTo int
}

// weighted reads words, each followed by its weight.
func weighted(s string) []choice {
	f := strings.Fields(s)
	out := make([]choice, 0, len(f)/2)
	sum := 0
	for i := 0; i < len(f); i += 2 {
		n, err := strconv.Atoi(f[i+1])
		if err != nil {
			panic(err)
		}
		sum += n
		out = append(out, choice{f[i], sum})
	}
	return out
}
