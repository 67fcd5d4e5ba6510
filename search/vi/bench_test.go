package vi_test

import (
	"strings"
	"testing"

	"sohoa/search/vi"
)

// paper is about a page of an office's text.
var paper = strings.Repeat("ỦY BAN NHÂN DÂN HUYỆN HẢI HÀ\nSố: 123/QĐ-UBND\nHải Hà, ngày 5 tháng 3 năm 2024\nQUYẾT ĐỊNH\n"+
	"Về việc cấp giấy chứng nhận quyền sử dụng đất cho bà Đặng Thị Hòa, thửa đất số 45, tờ bản đồ số 12, diện tích 200 m2.\n"+
	"Căn cứ Luật Tổ chức chính quyền địa phương ngày 19/6/2015; lệ phí 1.500.000 đồng (một triệu năm trăm nghìn đồng).\n", 5)

func BenchmarkAnalyze(b *testing.B) {
	b.SetBytes(int64(len(paper)))
	b.ReportAllocs()
	for b.Loop() {
		if len(vi.Analyze(paper).Tokens) == 0 {
			b.Fatal("no words")
		}
	}
}
