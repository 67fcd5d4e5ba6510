package sohoa

import "maps"

// accountMessages are the sentences about signing in and about people's own
// accounts.
var accountMessages = map[string]message{
	"device.unknown": {
		"Không có phiên đăng nhập này; có thể nó đã kết thúc.",
		"There is no such sign-in; it may have ended."},
}

func init() { maps.Copy(messages, accountMessages) }
