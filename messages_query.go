package sohoa

// queryMessages are the sentences about what somebody typed to search.
var queryMessages = map[string]message{
	"query.filter-date": {
		"“{1}” sau {0}: không phải là ngày. Hãy viết ngày (1/2/2023), tháng (2/2023), năm (2023) hoặc một khoảng (2022..2023).",
		"“{1}” after {0}: is no date. Write a day (1/2/2023), a month (2/2023), a year (2023) or a range (2022..2023)."},
	"query.filter-year": {
		"“{1}” sau {0}: không phải là năm. Hãy viết một năm (2023) hoặc một khoảng (2020..2023).",
		"“{1}” after {0}: is no year. Write a year (2023) or a range (2020..2023)."},
	"query.filter-state": {
		"“{1}” sau {0}: không phải là trạng thái. Hãy viết một trong: đã lưu, đang xử lý, bị dừng, còn hiệu lực, chưa có hiệu lực, hết hiệu lực, hết hạn, hủy, thay thế.",
		"“{1}” after {0}: is no state. Write one of: kept, processing, parked, in-force, not-yet, ended, expired, revoked, replaced."},
}

func init() { say(queryMessages) }
