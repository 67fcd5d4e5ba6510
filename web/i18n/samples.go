package i18n

import "maps"

// sampling are the strings of quality samples.
var sampling = map[string]phrase{
	"nav.samples": {"Mẫu kiểm tra", "Samples"},

	"action.sample.draw":    {"Rút mẫu kiểm tra chất lượng", "Quality sample drawn"},
	"action.sample.judge":   {"Đánh giá chất lượng", "Quality judged"},
	"action.sample.close":   {"Kết thúc mẫu kiểm tra", "Quality sample closed"},
	"action.sample.correct": {"Khắc phục lỗi chất lượng", "Fault corrected"},
}

func init() { maps.Copy(phrases, sampling) }
