package sohoa

// officeMessages are the sentences about tables that are imported, and about
// what administrators enter.
var officeMessages = map[string]message{
	"table.none": {
		"Chưa chọn tệp. Hãy chọn một tệp CSV hoặc XLSX.",
		"No file was chosen. Choose a CSV or XLSX file."},
	"table.bytes": {
		"Bảng quá lớn: tối đa {0} MB. Hãy chia thành nhiều tệp.",
		"The table is too large: at most {0} MB. Divide it into several files."},
	"table.empty": {
		"Bảng không có dòng nào. Dòng đầu phải là tên các cột.",
		"The table has no lines. Its first line must be the names of its columns."},
	"table.old": {
		"Đây là tệp Excel kiểu cũ (.xls). Hãy lưu lại thành .xlsx hoặc .csv rồi nhập.",
		"This is an Excel file of the old kind (.xls). Save it as .xlsx or .csv and import that."},
	"table.unreadable": {
		"Không đọc được tệp này. Hãy mở bằng phần mềm bảng tính, lưu lại thành .xlsx hoặc .csv rồi nhập.",
		"This file cannot be read. Open it in a spreadsheet, save it as .xlsx or .csv, and import that."},
	"table.toml": {
		"Tệp {0} không đúng dạng TOML. Hãy sửa theo vị trí báo lỗi, hoặc nhập bảng CSV hay XLSX.",
		"The file {0} is not the TOML that is expected. Correct it where the error says, or import a table in CSV or XLSX."},
	"table.encoding": {
		"Chữ trong tệp CSV không phải UTF-8 hay UTF-16. Hãy lưu lại với mã UTF-8, hoặc thành .xlsx.",
		"The text of this CSV file is neither UTF-8 nor UTF-16. Save it as UTF-8, or as .xlsx."},
	"table.quotes": {
		"Dấu nháy kép ở dòng {0} của tệp CSV không khớp. Hãy sửa dòng đó, hoặc lưu lại thành .xlsx.",
		"The quotation marks on line {0} of the CSV file do not match. Correct that line, or save it as .xlsx."},
	"table.column": {
		"Không có cột “{0}”. Các cột đúng: {1}.",
		"There is no column “{0}”. The columns are: {1}."},
	"table.twice": {
		"Cột “{0}” có hai lần. Hãy bỏ bớt một cột.",
		"The column “{0}” is there twice. Remove one of them."},
	"table.missing": {
		"Bảng thiếu cột {0}. Các cột đúng: {1}. Dòng đầu phải là tên các cột.",
		"The table lacks the column {0}. The columns are: {1}. The first line must be their names."},
	"table.wide": {
		"Dòng {0} có ô nằm ngoài các cột có tên. Hãy xóa ô đó hoặc đặt tên cột.",
		"Line {0} has a cell beyond the columns that have a name. Delete it, or name its column."},
	"table.rows": {
		"Bảng có hơn {0} dòng. Hãy chia thành nhiều tệp.",
		"The table has more than {0} lines. Divide it into several files."},
	"table.cell": {
		"Dòng {0} có ô dài hơn {1} ký tự. Hãy rút gọn.",
		"Line {0} has a cell of more than {1} characters. Shorten it."},
	"table.changed": {
		"Danh mục vừa được người khác sửa, nên kết quả nhập khác với bản xem trước. Hãy xem lại rồi nhập.",
		"Somebody else has changed the list meanwhile, so that this import would do something else than was shown. Look at it again and enter it."},
	"import.twice": {
		"“{0}” có ở hai dòng của bảng: dòng {1} và dòng này. Hãy bỏ một dòng.",
		"“{0}” is on two lines of the table: line {1} and this one. Remove one of them."},
	"import.role": {
		"Không có vai trò “{0}”. Các vai trò: {1}.",
		"There is no role “{0}”. The roles are: {1}."},
	"import.agency-place": {
		"Cơ quan “{0}” không có, hoặc ngoài phạm vi quản trị của anh/chị.",
		"The agency “{0}” is not there, or not yours to administer."},
	"import.user-place": {
		"Người dùng “{0}” thuộc cơ quan ngoài phạm vi quản trị của anh/chị.",
		"The user “{0}” is of an agency that is not yours to administer."},
	"user.none-chosen": {
		"Chưa chọn người dùng nào. Hãy đánh dấu người cần liên kết mới.",
		"Nobody was chosen. Mark those who need a new link."},
	"import.self": {
		"Anh/chị không thể tự bỏ quyền quản trị hay đổi cơ quan của chính mình. Hãy nhờ quản trị viên khác.",
		"You cannot take your own right to administer away, or move yourself to another agency. Ask another administrator."},
	"health.unread": {
		"Có bản lưu chưa được đọc lại hết trong thời hạn quy định. Xem trang Kho lưu trữ.",
		"A copy was not read again within its period. See the page Archive."},
	"health.damaged": {
		"{0} sai hỏng của các bản lưu chưa được sửa. Mở trang Kho lưu trữ và bấm Sửa chữa.",
		"{0} damages of the copies are not repaired. Open the page Archive and repair them."},
	"health.behind": {
		"{0} tài liệu quá hạn sao sang kho thứ hai. Hãy kiểm tra kho thứ hai có hoạt động không.",
		"{0} documents are overdue in the second store. Check whether it answers."},
	"health.rebuilding": {
		"Chỉ mục tìm kiếm đang được dựng lại; kết quả tìm kiếm chưa đủ.",
		"The search index is being rebuilt; searches do not find everything yet."},
	"health.index": {
		"Chỉ mục tìm kiếm khác với danh mục hoặc bị hỏng. Hãy chạy sohoa index verify.",
		"The search index differs from the catalogue, or is damaged. Run sohoa index verify."},
	"health.queue": {
		"{0} việc đang chờ, việc lâu nhất đã {1} giờ. Hãy kiểm tra các máy xử lý có chạy không.",
		"{0} jobs wait, the oldest for {1} hours. Check whether the machines that work are running."},
	"health.parked": {
		"{0} tài liệu đang dừng. Xem lý do ở trang Hàng đợi, rồi cho làm lại.",
		"{0} documents are parked. See why on the page Queues, then retry them."},
	"health.disk": {
		"Ổ đĩa của thư mục dữ liệu chỉ còn trống {0}. Hãy dọn hoặc mở rộng ổ đĩa.",
		"The disk of the data folder has only {0} left. Clear it or make it larger."},
	"health.certificate": {
		"Chứng thư của {0} hết hạn ngày {1}. Hãy xin gia hạn trước ngày đó.",
		"The certificate of {0} ends on {1}. Have it renewed before."},
	"health.certificate-over": {
		"Chứng thư của {0} đã hết hạn ngày {1}. Không ký được nữa; hãy thay chứng thư.",
		"The certificate of {0} ended on {1}. Nothing is signed with it any more; replace it."},
	"health.workers": {
		"Không có máy nào đang xử lý tài liệu. Hãy khởi động sohoa worker hoặc sohoa serve.",
		"No machine works on documents. Start sohoa worker or sohoa serve."},
	"health.backup": {
		"Chưa có bản sao lưu nào trong {0} giờ qua. Hãy kiểm tra thiết lập backup_at và nơi sao lưu.",
		"There was no back-up in the last {0} hours. Check the setting backup_at and where back-ups go."},
	"health.backup-damaged": {
		"Lần sao lưu cuối không đọc được {0} tệp. Xem trang Kho lưu trữ.",
		"The last back-up could not read {0} files. See the page Archive."},
	"agency.exists": {
		"Đã có cơ quan mã {0}. Hãy sửa cơ quan đó thay vì thêm mới.",
		"There is an agency {0} already. Change that one instead of adding another."},
	"agency.outside": {
		"Cơ quan {0} ngoài phạm vi quản trị của anh/chị.",
		"Agency {0} is not yours to administer."},
	"procedure.exists": {
		"Đã có thủ tục mã {0}. Hãy mở thủ tục đó để sửa.",
		"There is a procedure {0} already. Open that one to change it."},
	"procedure.changed": {
		"Thủ tục {0} vừa được người khác sửa. Hãy xem lại bản mới rồi sửa tiếp.",
		"Somebody else has just changed procedure {0}. Look at the new version, then make your change again."},
}

func init() { say(officeMessages) }
