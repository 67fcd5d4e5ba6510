package ingest

// Indicator is a share with its formula. Those of the national dashboard are
// QĐ 766/QĐ-TTg's; which words they have is in docs/decisions/figures.md.
type Indicator struct {
	Code     string
	Source   string                      // where the formula stands
	National bool                        // earns full marks from FullMarks on
	Of       func(FigureLine) (n, d int) // numerator and denominator
}

// FullMarks is the share, in percent, from which on a national indicator earns
// full marks.
const FullMarks = 80

// Indicators are all of them, in the order in which they are shown.
var Indicators = []Indicator{
	{"digitised", "QĐ 766/QĐ-TTg", true, func(l FigureLine) (int, int) { return l.Digitised, l.Received }},
	{"components", "QĐ 766/QĐ-TTg; TT 01/2023/TT-VPCP", false, func(l FigureLine) (int, int) { return l.Components, l.Received }},
	{"results", "QĐ 766/QĐ-TTg; NĐ 45/2020/NĐ-CP", false, func(l FigureLine) (int, int) { return l.Results, l.Received }},
	{"sealed", "QĐ 766/QĐ-TTg; NĐ 45/2020/NĐ-CP, 14", true, func(l FigureLine) (int, int) { return l.SealedFiles, l.ResultFiles }},
	{"born", "NĐ 45/2020/NĐ-CP", false, func(l FigureLine) (int, int) { return l.BornFiles, l.ResultFiles }},
	{"reused", "QĐ 766/QĐ-TTg; NĐ 107/2021/NĐ-CP", true, func(l FigureLine) (int, int) { return l.Reusing, l.Received }},
	{"good-documents", "sohoa", false, func(l FigureLine) (int, int) { return l.Quality.DocumentsGood, l.Quality.Documents }},
	{"good-pages", "sohoa", false, func(l FigureLine) (int, int) { return l.Quality.PagesGood, l.Quality.Pages }},
}
