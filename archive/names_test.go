package archive_test

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"sohoa/archive"
)

func TestNameKey(t *testing.T) {
	for _, same := range [][2]string{
		{"Nguyễn Thị Hòa", "NGUYỄN  THỊ HOÀ"},
		{"Trần Thúy Quyên", " trần thuý quyên "},
		{"Lê Văn Đệ", norm.NFD.String("LÊ VĂN ĐỆ")},
		{"Phạm Ngọc Khoẻ", "Phạm\u00a0Ngọc Khỏe"},
	} {
		if a, b := archive.NameKey(same[0]), archive.NameKey(same[1]); a != b {
			t.Errorf("NameKey(%q) = %q, NameKey(%q) = %q, want them equal", same[0], a, same[1], b)
		}
	}
	for _, other := range [][2]string{
		{"Nguyễn Thị Hoa", "Nguyễn Thị Hòa"},
		{"Nguyễn Thị Hòa", "Nguyễn Thị Hóa"},
		{"Lê Văn Đệ", "Lê Văn Dệ"},
		{"Lê Van An", "Lê Văn An"},
		{"Lê Văn Ân", "Lê Văn An"},
		{"An Lê", "Lê An"},
	} {
		if a, b := archive.NameKey(other[0]), archive.NameKey(other[1]); a == b {
			t.Errorf("NameKey(%q) and NameKey(%q) are both %q, want two names", other[0], other[1], a)
		}
	}
}
