package i18n

// programs are the words for what the journal says of programs.
var programs = map[string]phrase{
	"action.dossier.set":    {"Sửa hồ sơ", "Dossier changed"},
	"action.api-key.set":    {"Cấp hoặc thu hồi khóa API", "API key made or revoked"},
	"action.webhook.set":    {"Đặt webhook", "Webhook set"},
	"action.webhook.failed": {"Ngừng gửi webhook", "Webhook given up"},
}

func init() { add(programs) }
