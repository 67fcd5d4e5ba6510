package i18n

import "maps"

// accessing are the strings about purposes and about flags.
var accessing = map[string]phrase{
	"purpose-kind.inspection":     {"Thanh tra, kiểm tra", "Inspection"},
	"purpose-kind.disposal":       {"Xét hủy tài liệu", "Disposal"},
	"purpose-kind.signing":        {"Ký số", "Signing"},
	"purpose-kind.sample":         {"Kiểm tra chất lượng số hóa", "Quality sample"},
	"purpose-kind.administration": {"Quản trị", "Administration"},
	"hand.purpose":                {"Mục đích:", "Purpose:"},
	"hand.words":                  {"Mục đích: số quyết định, nội dung", "Purpose: number of the decision, what it is about"},
	"hand.state":                  {"Ghi mục đích", "State it"},
}

func init() { maps.Copy(phrases, accessing) }
