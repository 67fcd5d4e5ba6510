package web

import (
	"errors"
	"testing"
	"unicode/utf8"

	"sohoa"
)

// A look-up that is accepted is whole and within bounds; any other is refused
// in one way.
func FuzzParseNational(f *testing.F) {
	f.Add([]byte(`{"SoDinhDanhChuSoHuu":"001090012345","HoTenNguoiYeuCau":"L","SoDinhDanhNguoiYeuCau":"1","KenhThucHien":"1","MaThuTuc":"1","DanhSachDanhMucKetQua":[{"MaKetQua":"a","SoKyHieu":"1/b"}],"MaHoSo":"H","MaThanhPhanHoSo":"T"}`))
	f.Add([]byte(`{}`))
	f.Add([]byte(`[[[[`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseNational(b)
		if err != nil {
			if p := sohoa.AsProblem(err); p.Code != "national.request" || !errors.Is(err, sohoa.ErrInvalid) {
				t.Fatalf("parseNational = %v, want national.request", err)
			}
			return
		}
		if len(r.Owner) < 9 || len(r.Owner) > 20 || len(r.Kinds) > maxNationalKinds {
			t.Fatalf("accepted %+v", r)
		}
		for _, s := range []string{r.Requester, r.RequesterID, r.Channel, r.Procedure, r.Dossier, r.PaperAsked} {
			if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxNationalRunes {
				t.Fatalf("accepted %q in %+v", s, r)
			}
		}
	})
}
