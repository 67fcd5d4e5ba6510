package table

import (
	"cmp"
	"io"

	"sohoa"
)

// The columns of the tables that offices import and export. The first of the
// names is what a Vietnamese export is headed with (docs/format.md).
var (
	People = []Column{
		{Key: "name", Names: []string{"Tên đăng nhập", "Tài khoản", "user", "sign-in name"}, Required: true},
		{Key: "full_name", Names: []string{"Họ và tên", "Họ tên", "full name"}, Required: true},
		{Key: "roles", Names: []string{"Vai trò", "role"}, Required: true},
		{Key: "agency", Names: []string{"Cơ quan", "Mã cơ quan", "Đơn vị", "Mã đơn vị", "agency code"}},
	}
	Agencies = []Column{
		{Key: "code", Names: []string{"Mã cơ quan", "Mã", "Mã định danh", "Mã đơn vị"}, Required: true},
		{Key: "name", Names: []string{"Tên cơ quan", "Tên", "Tên đơn vị"}, Required: true},
		{Key: "parent", Names: []string{"Trực thuộc", "Cơ quan cấp trên", "Mã cấp trên", "under"}},
	}
	Procedures = []Column{
		{Key: "procedure", Names: []string{"Mã thủ tục", "MaTTHC", "Mã TTHC"}, Required: true},
		{Key: "name", Names: []string{"Tên thủ tục", "Tên TTHC"}, Required: true},
		{Key: "result", Names: []string{"Loại kết quả", "Mã kết quả", "MaKetQua"}},
		{Key: "requirement", Names: []string{"Mã thành phần", "Mã thành phần hồ sơ", "MaThanhPhanHoSo"}},
		{Key: "paper", Names: []string{"Tên giấy tờ", "Thành phần hồ sơ", "Tên thành phần"}},
		{Key: "types", Names: []string{"Loại giấy tờ", "Các loại"}},
		{Key: "scope", Names: []string{"Phạm vi hiệu lực", "Phạm vi"}},
		{Key: "days", Names: []string{"Số ngày", "Trong số ngày"}},
		{Key: "optional", Names: []string{"Nếu có", "Không bắt buộc"}},
	}
	Schedule = []Column{
		{Key: "type", Names: []string{"Mã loại", "Loại"}, Required: true},
		{Key: "name", Names: []string{"Tên loại", "Tên"}, Required: true},
		{Key: "code", Names: []string{"Mã thời hạn", "Thời hạn"}, Required: true},
		{Key: "years", Names: []string{"Số năm", "Năm"}},
		{Key: "basis", Names: []string{"Căn cứ", "Cơ sở pháp lý"}, Required: true},
	}
)

// Head are the names of columns in a language.
func Head(columns []Column, lang sohoa.Lang) []string {
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = c.Key
		if lang == sohoa.Vietnamese && len(c.Names) > 0 {
			head[i] = c.Names[0]
		}
	}
	return head
}

// Write writes a table as "csv" or "xlsx".
func Write(w io.Writer, format string, head []string, rows [][]string) error {
	if cmp.Or(format, "csv") == "xlsx" {
		return WriteXLSX(w, head, rows)
	}
	return WriteCSV(w, head, rows)
}
