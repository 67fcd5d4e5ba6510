package sohoa

import "maps"

// accessMessages are the sentences about the tree of agencies, and about who
// may look at what.
var accessMessages = map[string]message{
	"agency.parent": {
		"Không đặt được cơ quan {0} dưới {1}, vì chưa có cơ quan {1}. Hãy nhập cơ quan cấp trên trước.",
		"Agency {0} cannot stand below {1}: there is no agency {1}. Enter the one above first."},
	"agency.circle": {
		"Không đặt được cơ quan {0} dưới {1}, vì {1} chính là hoặc trực thuộc {0}.",
		"Agency {0} cannot stand below {1}, which is {0} itself or below it."},
}

func init() { maps.Copy(messages, accessMessages) }
