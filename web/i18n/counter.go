package i18n

import "maps"

// counter are the strings of a clerk's counter: dossiers, their papers, and
// what becomes of these.
var counter = map[string]phrase{
	"action.paper.omit":      {"Ghi giấy tờ không số hóa", "Paper not digitised"},
	"action.paper.omit-end":  {"Bỏ ghi giấy tờ không số hóa", "“Not digitised” taken back"},
	"action.document.assign": {"Gán giấy tờ vào thành phần hồ sơ", "Document assigned to a paper"},
	"action.document.count":  {"Ghi số trang đếm trên giấy", "Pages counted on paper"},
}

func init() { maps.Copy(phrases, counter) }
