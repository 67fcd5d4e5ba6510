package searchtest

import "strings"

// form is a kind of paper.
type form struct {
	typeName string // what the catalogue calls it
	notation string // after the number; "" for papers without one
	title    []string
	lines    [][]string // words; {x} stands for a fact
	land     bool       // it names a plot and its map sheet
	amount   bool       // it names an amount
}

// procedure is what a dossier is about, with the papers in it.
type procedure struct {
	name  string
	forms []form
}

// newForm reads the text of a form: its title, then its lines.
func newForm(typeName, notation, text string) form {
	lines := sentences(text)
	return form{typeName: typeName, notation: notation, title: lines[0], lines: lines[1:],
		land: strings.Contains(text, "{plot}"), amount: strings.Contains(text, "{amount}")}
}

// procedures, each with the papers of its dossiers in their order.
var procedures = []procedure{
	{"Đăng ký khai sinh", []form{
		newForm("Tờ khai", "", `TỜ KHAI ĐĂNG KÝ KHAI SINH
Kính gửi: Ủy ban nhân dân {unit}
Họ, chữ đệm, tên người yêu cầu: {name}
Nơi cư trú: {address}
Giấy tờ tùy thân: Căn cước công dân số {identity} cấp ngày {idDate}
Đề nghị cơ quan đăng ký khai sinh cho người dưới đây: {child} Ngày, tháng, năm sinh: {childDate} ghi bằng chữ: {childWords}
Họ, chữ đệm, tên người mẹ: {second} Năm sinh: {secondYear} Dân tộc: Kinh Quốc tịch: Việt Nam
Họ, chữ đệm, tên người cha: {name} Năm sinh: {year}`),
		newForm("Giấy chứng sinh", "GCS-TYT", `GIẤY CHỨNG SINH
Họ và tên mẹ: {second} Năm sinh: {secondYear} Nơi đăng ký thường trú: {address}
Số CCCD: {secondIdentity} Dân tộc: Kinh
Đã sinh con vào lúc {hour} giờ ngày {childDate} tại Trạm Y tế {unit} Số con trong lần sinh này: 1 Cân nặng: {weight} gam
Dự định đặt tên con là: {child} Họ và tên cha: {name} số định danh {identity}`),
		newForm("Giấy khai sinh", "GKS", `GIẤY KHAI SINH (BẢN SAO)
Họ, chữ đệm, tên: {child} Ngày, tháng, năm sinh: {childDate} Ghi bằng chữ: {childWords}
Nơi sinh: Trạm Y tế {unit} Quê quán: {address}
Họ, chữ đệm, tên người mẹ: {second} Năm sinh: {secondYear}
Họ, chữ đệm, tên người cha: {name} Năm sinh: {year} Giấy tờ tùy thân: {identity}
Nơi đăng ký khai sinh: Ủy ban nhân dân {unit} Người ký Giấy khai sinh: {official}`)}},
	{"Đăng ký kết hôn", []form{
		newForm("Tờ khai", "", `TỜ KHAI ĐĂNG KÝ KẾT HÔN
Kính gửi: Ủy ban nhân dân {unit}
Bên nam Họ, chữ đệm, tên: {name} Ngày, tháng, năm sinh: {birth} Dân tộc: Kinh Nơi cư trú: {address} Giấy tờ tùy thân: {identity} Kết hôn lần thứ nhất
Bên nữ Họ, chữ đệm, tên: {second} Năm sinh: {secondYear} Giấy tờ tùy thân: {secondIdentity}
Chúng tôi cam đoan việc kết hôn của chúng tôi là tự nguyện, không vi phạm quy định của Luật Hôn nhân và gia đình Việt Nam.`),
		newForm("Giấy xác nhận tình trạng hôn nhân", "UBND-XNTTHN", `GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN
Xét đề nghị của ông/bà {name} về việc cấp Giấy xác nhận tình trạng hôn nhân
XÁC NHẬN: Họ, chữ đệm, tên: {name} Ngày, tháng, năm sinh: {birth} Giấy tờ tùy thân: Căn cước công dân số {identity} Nơi cư trú: {address}
Tình trạng hôn nhân: Hiện tại chưa đăng ký kết hôn với ai. Giấy này có giá trị 6 tháng kể từ ngày cấp, được sử dụng để kết hôn với bà {second}`),
		newForm("Giấy chứng nhận kết hôn", "GCNKH", `GIẤY CHỨNG NHẬN KẾT HÔN
Họ, chữ đệm, tên vợ: {second} Năm sinh: {secondYear} Giấy tờ tùy thân: {secondIdentity}
Họ, chữ đệm, tên chồng: {name} Ngày, tháng, năm sinh: {birth} Giấy tờ tùy thân: {identity} Nơi cư trú: {address}
Nơi đăng ký kết hôn: Ủy ban nhân dân {unit} Người ký: {official}`)}},
	{"Đăng ký khai tử", []form{
		newForm("Tờ khai", "", `TỜ KHAI ĐĂNG KÝ KHAI TỬ
Kính gửi: Ủy ban nhân dân {unit} Họ, chữ đệm, tên người yêu cầu: {second} Quan hệ với người đã chết: con
Đề nghị cơ quan đăng ký khai tử cho người có tên dưới đây: {name} Ngày, tháng, năm sinh: {birth} Nơi cư trú cuối cùng: {address}
Giấy tờ tùy thân: {identity} Đã chết vào lúc {hour} giờ ngày {date} Nguyên nhân chết: già yếu`),
		newForm("Giấy báo tử", "GBT-UBND", `GIẤY BÁO TỬ
Ủy ban nhân dân {unit} báo tử: ông/bà {name} sinh ngày {birth} số định danh cá nhân {identity} thường trú tại {address} đã chết lúc {hour} giờ ngày {date}
Người thân: {second} CCCD {secondIdentity}`),
		newForm("Trích lục khai tử", "TLKT-BS", `TRÍCH LỤC KHAI TỬ (BẢN SAO)
Họ, chữ đệm, tên: {name} Ngày, tháng, năm sinh: {birth} Giấy tờ tùy thân: {identity} Đã chết vào lúc {hour} giờ {date}
Đăng ký khai tử tại Ủy ban nhân dân {unit} số {serial} {dateWords} Người ký: {official}`)}},
	{"Đăng ký thường trú", []form{
		newForm("Tờ khai thay đổi thông tin cư trú", "", `TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ Mẫu CT01
Kính gửi: Công an {unit} Họ, chữ đệm và tên: {name} Ngày, tháng, năm sinh: {birth} Giới tính: {sex} Số định danh cá nhân: {identity}
Họ, chữ đệm và tên chủ hộ: {second} Mối quan hệ với chủ hộ: con Số định danh cá nhân của chủ hộ: {secondIdentity}
Nội dung đề nghị: đăng ký thường trú tại {address}`),
		newForm("Hợp đồng thuê nhà", "HĐTN", `HỢP ĐỒNG THUÊ NHÀ Ở
Bên cho thuê (bên A): {second} CCCD số {secondIdentity} Bên thuê (bên B): {name} CCCD số {identity}
Bên A cho bên B thuê căn nhà tại {address} thuộc thửa đất số {plot}, tờ bản đồ số {sheet} Giá thuê: {amount} đồng/tháng (Bằng chữ: {amountWords} đồng) từ ngày {date}`),
		newForm("Thông báo", "TB-CA", `THÔNG BÁO KẾT QUẢ GIẢI QUYẾT, HỦY BỎ ĐĂNG KÝ CƯ TRÚ
Công an {unit} thông báo: ông/bà {name} sinh ngày {birth} số định danh cá nhân {identity} đã được đăng ký thường trú tại {address} Chủ hộ: {second}`)}},
	{"Đăng ký, cấp giấy chứng nhận quyền sử dụng đất", []form{
		newForm("Đơn đăng ký", "", `ĐƠN ĐĂNG KÝ, CẤP GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT, QUYỀN SỞ HỮU NHÀ Ở VÀ TÀI SẢN KHÁC GẮN LIỀN VỚI ĐẤT Mẫu số 04a/ĐK
Kính gửi: Ủy ban nhân dân {unit} Người sử dụng đất: {name} và vợ là {second} Địa chỉ thường trú: {address} CCCD {identity}
Thửa đất số: {plot}; Tờ bản đồ số: {sheet}; Địa chỉ tại: {village}, {unit}; Diện tích: {area} m2; sử dụng chung: không; sử dụng riêng: {area} m2
Sử dụng vào mục đích: đất ở tại nông thôn, từ thời điểm năm {secondYear} Nguồn gốc sử dụng: nhận chuyển nhượng`),
		newForm("Biên bản", "BB-TNMT", `BIÊN BẢN XÁC MINH NGUỒN GỐC, THỜI ĐIỂM SỬ DỤNG ĐẤT
Hôm nay, ngày {date}, tại trụ sở Ủy ban nhân dân {unit} Thành phần: ông {official} công chức địa chính, ông/bà {second} trưởng {village}
Nội dung: xác minh nguồn gốc thửa đất số {plot} tờ bản đồ số {sheet} diện tích {area} m2 do ông/bà {name} sử dụng, không có tranh chấp, khiếu nại`),
		newForm("Giấy chứng nhận quyền sử dụng đất", "GCN-UBND", `GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT QUYỀN SỞ HỮU NHÀ Ở VÀ TÀI SẢN KHÁC GẮN LIỀN VỚI ĐẤT
I. Người sử dụng đất, chủ sở hữu nhà ở: Ông {name} Năm sinh: {year}, CCCD số: {identity} Địa chỉ thường trú: {address}
II. Thửa đất: a) Thửa đất số: {plot}, tờ bản đồ số: {sheet} b) Địa chỉ: {village}, {unit} c) Diện tích: {area} m2 (bằng chữ: {areaWords} mét vuông) d) Hình thức sử dụng: riêng đ) Mục đích sử dụng: Đất ở e) Thời hạn sử dụng: Lâu dài
Số vào sổ cấp GCN: CH {serial}`)}},
	{"Chuyển mục đích sử dụng đất", []form{
		newForm("Đơn xin chuyển mục đích", "", `ĐƠN XIN CHUYỂN MỤC ĐÍCH SỬ DỤNG ĐẤT
Kính gửi: Ủy ban nhân dân {unit} Người xin chuyển mục đích: {name} sinh ngày {birth} CCCD {identity} Địa chỉ: {address}
Thửa đất số {plot} tờ bản đồ {sheet} diện tích {area} m2 Cam kết nộp tiền sử dụng đất {amount} đồng`),
		newForm("Tờ trình", "TTr-TNMT", `TỜ TRÌNH Về việc cho phép chuyển mục đích sử dụng đất
Phòng Tài nguyên và Môi trường kính trình Ủy ban nhân dân {unit} xem xét cho phép ông/bà {name} chuyển mục đích sử dụng {area} m2 đất trồng cây lâu năm sang đất ở, thửa {plot}, tờ bản đồ số {sheet}, tại {village}`),
		newForm("Quyết định", "QĐ-UBND", `QUYẾT ĐỊNH Về việc cho phép chuyển mục đích sử dụng đất CHỦ TỊCH ỦY BAN NHÂN DÂN {UNIT}
Điều 1. Cho phép ông/bà {name}, số định danh {identity}, thường trú tại {address} được chuyển mục đích sử dụng {area} m2 đất thuộc thửa đất số {plot}, tờ bản đồ số {sheet}
Điều 2. Ông/bà {name} nộp tiền sử dụng đất: {amount} đồng (Bằng chữ: {amountWords} đồng) trước {dateWords}`)}},
	{"Cấp giấy phép xây dựng nhà ở riêng lẻ", []form{
		newForm("Đơn đề nghị", "", `ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG
Kính gửi: Ủy ban nhân dân {unit} 1. Thông tin về chủ đầu tư: {name} Số CCCD: {identity} Địa chỉ liên hệ: {address} Số điện thoại: {phone}
2. Địa điểm xây dựng: Lô đất số: {plot} Tờ bản đồ {sheet} Diện tích {area} m2 tại {village}, {unit} Tổng dự toán: {amount} đồng`),
		newForm("Biên bản", "BB-QLĐT", `BIÊN BẢN KIỂM TRA THỰC ĐỊA
Hôm nay, ngày {date} tại {address} Đại diện Phòng Quản lý đô thị: ông {official} Chủ đầu tư: ông/bà {name} Nội dung kiểm tra: hiện trạng thửa đất {plot}, tờ bản đồ số {sheet}, chỉ giới đường đỏ, người làm chứng {second}`),
		newForm("Giấy phép xây dựng", "GPXD", `GIẤY PHÉP XÂY DỰNG (Sử dụng cho nhà ở riêng lẻ)
1. Cấp cho: ông/bà {name} CCCD số {identity} Địa chỉ: {address} 2. Được phép xây dựng công trình: Nhà ở riêng lẻ Theo thiết kế do Công ty TNHH {street} lập
Gồm các nội dung: Vị trí xây dựng: thửa đất số {plot}, tờ bản đồ số {sheet}, {village}, {unit}; Diện tích xây dựng tầng 1: {area} m2; Cốt nền: +0,45m; Mật độ xây dựng: 80%; Số tầng: 2
Giấy phép có hiệu lực khởi công xây dựng trong thời hạn 12 tháng kể từ ngày cấp`)}},
	{"Đăng ký thành lập hộ kinh doanh", []form{
		newForm("Giấy đề nghị", "", `GIẤY ĐỀ NGHỊ ĐĂNG KÝ HỘ KINH DOANH
Kính gửi: Phòng Tài chính - Kế hoạch Tôi là: {name} Giới tính: {sex} Sinh ngày: {birth} Số định danh cá nhân: {identity} Địa chỉ thường trú: {address} Điện thoại: {phone}
Tên hộ kinh doanh: HỘ KINH DOANH {NAME} Ngành, nghề kinh doanh: {trade} Vốn kinh doanh: {amount} đồng (Bằng chữ: {amountWords} đồng) Số lượng lao động: 2`),
		newForm("Biên bản", "BB-HKD", `BIÊN BẢN HỌP THÀNH VIÊN HỘ GIA ĐÌNH Về việc thành lập hộ kinh doanh
Hôm nay, ngày {date} tại {address} gồm: {name} CCCD {identity}; {second} CCCD {secondIdentity} thống nhất thành lập hộ kinh doanh {trade}, vốn {amount} đồng, ủy quyền cho {name} làm chủ hộ`),
		newForm("Giấy chứng nhận đăng ký hộ kinh doanh", "GCN-HKD", `GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH
1. Tên hộ kinh doanh: {NAME} 2. Địa điểm kinh doanh: số {serial} {street}, {address} Điện thoại: {phone} 3. Ngành, nghề kinh doanh: {trade}
4. Vốn kinh doanh: {amount} đồng 5. Họ và tên đại diện hộ kinh doanh: {name} Sinh ngày: {birth} CCCD: {identity}`)}},
	{"Hỗ trợ chi phí mai táng cho đối tượng bảo trợ xã hội", []form{
		newForm("Tờ khai", "", `TỜ KHAI ĐỀ NGHỊ HỖ TRỢ CHI PHÍ MAI TÁNG
Họ và tên người chết: {second} sinh năm {secondYear} CCCD {secondIdentity} Người đứng ra mai táng: {name} Ngày sinh {birth} số định danh {identity} Hộ khẩu thường trú: {address}`),
		newForm("Biên bản", "BB-HĐXD", `BIÊN BẢN HỌP HỘI ĐỒNG XÉT DUYỆT TRỢ GIÚP XÃ HỘI
Hôm nay vào hồi {hour} giờ ngày {date} tại UBND {unit} Chủ trì: {official} Thư ký: {second} Nội dung: xét hồ sơ của ông/bà {name}, mức hỗ trợ {amount} đồng. Hội đồng nhất trí 100%`),
		newForm("Quyết định", "QĐ-UBND", `QUYẾT ĐỊNH Về việc hỗ trợ chi phí mai táng CHỦ TỊCH ỦY BAN NHÂN DÂN {UNIT}
Điều 1. Hỗ trợ chi phí mai táng cho ông/bà {name} số định danh {identity} trú tại {address} số tiền: {amount} đồng (Bằng chữ: {amountWords} đồng) đối với đối tượng {second} chết {dateWords}`)}},
	{"Giải quyết khiếu nại lần đầu", []form{
		newForm("Đơn khiếu nại", "", `ĐƠN KHIẾU NẠI
Kính gửi: Chủ tịch Ủy ban nhân dân {unit} Họ và tên người khiếu nại: {name} CCCD số {identity} Địa chỉ: {address} Khiếu nại đối với quyết định xử phạt số tiền {amount} đồng ngày {date} liên quan đến ông/bà {second}`),
		newForm("Biên bản làm việc", "BB-LV", `BIÊN BẢN LÀM VIỆC
Hôm nay, hồi {hour} giờ, ngày {date}, tại {address} Người ghi biên bản: {official} Người khiếu nại: {name} Người bị khiếu nại: {second} Nội dung làm việc về lối đi chung tại thửa đất số {plot}, tờ bản đồ số {sheet}`),
		newForm("Quyết định", "QĐ-UBND", `QUYẾT ĐỊNH Về việc giải quyết khiếu nại của ông/bà {name} CHỦ TỊCH ỦY BAN NHÂN DÂN {UNIT}
Điều 1. Không công nhận nội dung khiếu nại của ông/bà {name} CCCD {identity} trú tại {address} Điều 2. Giữ nguyên mức phạt {amount} đồng. Giao ông {official} tổ chức thực hiện trước {dateWords}`)}},
}
