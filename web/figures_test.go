package web_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// counted is an office with something to count: a dossier of A that was
// digitised to its signed result, one that was not, and one of B.
func counted(t testing.TB) *office {
	t.Helper()
	o, docs := inspected(t, 2)
	o.update(func(tx archive.Tx) error {
		scan, err1 := tx.Document(docs[0].ID)
		result, err2 := tx.Document(docs[1].ID)
		scan.Master = sohoa.MasterPDFA
		result.Master, result.Life.Result = sohoa.MasterOriginal, dossierA+"-KQ1"
		result.Signatures = []sohoa.SignatureMade{{Part: sohoa.PartSeal, User: "an"}}
		d, err3 := tx.Dossier(dossierA)
		d.Ended = sohoa.DateOf(o.now())
		top, err4 := sohoa.Agency{Code: "H49", Name: "Tỉnh Bình Thuận"}, error(nil)
		return errors.Join(err1, err2, err3, err4, tx.PutDocument(scan), tx.PutDocument(result), tx.PutDossier(d), tx.PutAgency(top),
			tx.PutAgency(sohoa.Agency{Code: agencyA, Name: "UBND xã <Kỳ> Sơn", Parent: "H49"}), tx.PutAgency(sohoa.Agency{Code: agencyB, Name: "UBND phường Mũi Né", Parent: "H49"}))
	})
	return o
}

func TestFiguresPage(t *testing.T) {
	o := counted(t)
	admin, lan := o.signedIn("admin"), o.signedIn("lan")
	for _, lang := range []string{"en", "vi"} {
		a := admin.get("/figures?lang=" + lang)
		if bad := untranslated.FindString(a.body); a.status != 200 || bad != "" {
			t.Errorf("GET /figures in %s = %d and shows %q", lang, a.status, bad)
		}
	}
	a := admin.get("/figures?step=month")
	for _, want := range []string{"Tỉnh Bình Thuận", "33,3 %", "1 / 3", "50,0 %", "100,0 %", "QĐ 766/QĐ-TTg", "UBND xã &lt;Kỳ&gt; Sơn", "<polyline", `fill="url(#bars-hatch)"`, "Số hóa: từ 33,3 % đến 33,3 %"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("GET /figures does not say %q", want)
		}
	}
	if strings.Contains(a.body, "style=") {
		t.Error("the page has style attributes, which its policy forbids")
	}
	if a := lan.get("/figures"); strings.Contains(a.body, "Mũi Né") || !strings.Contains(a.body, "1 / 2") {
		t.Errorf("GET /figures by a clerk = %d, want those of their agency", a.status)
	}
	if a := lan.get("/figures?agency=" + agencyB); a.status != 400 || strings.Contains(a.body, "Mũi Né") {
		t.Errorf("GET /figures of another agency = %d, want 400", a.status)
	}
	if a := admin.get("/figures?from=2000-01-01&until=2026-12-31&step=day"); a.status != 400 || !strings.Contains(a.body, "tối đa 120") {
		t.Errorf("GET /figures in too many steps = %d, want 400 and the bound", a.status)
	}
	if a := admin.get("/figures?from=2000-01-01&until=2000-12-31"); a.status != 200 || !strings.Contains(a.body, "Chưa có số liệu") && strings.Contains(a.body, "<polyline") {
		t.Errorf("GET /figures of a time without anything = %d", a.status)
	}
	csv := admin.get("/figures/export?format=csv&lang=vi")
	if !strings.Contains(csv.body, ",digitised,1,3,0.3333333333333333,") || !strings.Contains(csv.body, agencyA+",UBND xã <Kỳ> Sơn,0,,") || !strings.Contains(csv.body, "QĐ 766/QĐ-TTg") {
		t.Errorf("CSV = %d %.600q, want numerator, denominator, share and source", csv.status, csv.body)
	}
	checkWorkbook(t, admin.get("/figures/export?format=xlsx"), "procedures", "H49", "Đăng ký khai sinh")
	if a := admin.get("/figures/export?format=pdf"); a.status != 400 {
		t.Errorf("another format = %d, want 400", a.status)
	}
}

func TestFiguresOverHTTP(t *testing.T) {
	o := counted(t)
	admin, lan := o.signedIn("admin"), o.signedIn("lan")
	type line struct {
		Agency     string
		Received   int
		Indicators []struct {
			Code        string
			Numerator   int
			Denominator int
			Share       *float64
			Formula     string
			Source      string
		}
		Waits []struct {
			Kind          string
			Cases         int
			MedianSeconds int
			WaitingNow    int
			Oldest        *time.Time
		}
	}
	var f struct {
		Step  string
		Total line
		Lines []line
		Steps []line
	}
	year := dayOf(o.now())[:4]
	q := url.Values{"from": {year + "-01-01"}, "until": {year + "-12-31"}, "step": {"quarter"}}.Encode()
	admin.get("/api/v1/figures?"+q).decode(t, &f)
	i := f.Total.Indicators[0]
	if f.Total.Received != 3 || len(f.Lines) != 2 || len(f.Steps) != 4 || i.Code != "digitised" || i.Numerator != 1 || i.Denominator != 3 || i.Share == nil || i.Formula == "" || i.Source == "" {
		t.Errorf("figures = %+v, want 1 of 3 digitised, with formula and source", f)
	}
	if w := f.Total.Waits[2]; w.Kind != "done" || w.Cases != 1 || w.WaitingNow != 2 || w.Oldest == nil {
		t.Errorf("waits = %+v, want one that ended and two that wait", w)
	}
	lan.get("/api/v1/figures").decode(t, &f)
	if f.Total.Received != 2 || len(f.Lines) != 1 || f.Step != "month" {
		t.Errorf("figures of a clerk = %+v, want those of their agency, this year by months", f)
	}
	for path, want := range map[string]int{"/api/v1/figures?agency=" + agencyB: 400, "/api/v1/figures?from=gestern": 400, "/api/v1/figures?step=hour": 422} {
		if a := lan.get(path); a.status != want {
			t.Errorf("GET %s = %d, want %d: %.200s", path, a.status, want, a.body)
		}
	}
	if a := o.stranger().get("/api/v1/figures"); a.status != 401 {
		t.Errorf("GET of figures by a stranger = %d, want 401", a.status)
	}
}
