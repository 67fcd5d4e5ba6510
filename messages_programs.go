package sohoa

// programMessages are the sentences about programs that use the API.
var programMessages = map[string]message{
	"agency.invalid": {
		"Không nhập được cơ quan “{0}”. Mã có tối đa 100 ký tự, không có dấu cách và dấu phẩy; tên có tối đa 200 ký tự.",
		"The agency “{0}” cannot be entered. A code has at most 100 characters and neither spaces nor commas; a name has at most 200."},
	"key.unknown": {
		"Không có khóa API {0}.",
		"There is no API key {0}."},
	"key.exists": {
		"Đã có khóa API {0}. Hãy đặt tên khác, hoặc thu hồi khóa cũ rồi cấp khóa mới với --replace.",
		"There is an API key {0} already. Choose another name, or revoke it and make it anew with --replace."},
	"key.agencies": {
		"Khóa API cần từ một đến {0} mã cơ quan.",
		"An API key needs one to {0} codes of agencies."},
	"key.scopes": {
		"Khóa API cần ít nhất một quyền trong số: {0}.",
		"An API key needs at least one scope of: {0}."},
	"key.networks": {
		"Khóa API có tối đa {0} mạng, dạng 10.1.0.0/16.",
		"An API key has at most {0} networks, written as 10.1.0.0/16."},
	"key.rate": {
		"Số yêu cầu mỗi phút của khóa API phải từ 1 đến {0}.",
		"An API key may make 1 to {0} requests a minute."},
	"key.expires": {
		"Khóa API có hạn từ 1 đến {0} ngày.",
		"An API key is good for 1 to {0} days."},
	"key.refused": {
		"Khóa API không được chấp nhận. Hãy kiểm tra khóa, thời hạn và mạng được phép, hoặc xin quản trị viên cấp khóa mới.",
		"The API key is not accepted. Check the key, how long it is good and from where, or ask the administrator for a new one."},
	"key.scope": {
		"Khóa API không có quyền gọi địa chỉ này.",
		"The API key may not call this address."},
	"key.user": {
		"Mã người dùng trong Sohoa-User không quá {0} ký tự.",
		"The user in Sohoa-User has at most {0} characters."},
	"request.too-large": {
		"Yêu cầu không được quá {0} byte.",
		"A request has at most {0} bytes."},
	"idempotency.key": {
		"Idempotency-Key gồm từ 1 đến {0} ký tự ASCII, không có dấu cách.",
		"An Idempotency-Key has 1 to {0} characters of ASCII without spaces."},
	"idempotency.other": {
		"Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khóa mới cho mỗi yêu cầu mới.",
		"This Idempotency-Key was used for another request. Use a new one for each new request."},
	"idempotency.busy": {
		"Yêu cầu với Idempotency-Key này đang được xử lý. Hãy gửi lại sau ít giây.",
		"The request with this Idempotency-Key is being worked on. Send it again in some seconds."},
	"link.unknown": {
		"Liên kết không đúng hoặc đã hết hạn. Hãy tra cứu lại để nhận liên kết mới.",
		"The link is wrong or no longer good. Look the paper up again for a new one."},
	"reuse.desk": {
		"Chức năng tái sử dụng chưa được bật trên máy chủ này.",
		"Reuse is not available on this server."},
	"dossier.owner-fixed": {
		"Đã có thao tác tra cứu cho chủ hồ sơ {0}, hoặc có quá nhiều lần đổi chủ hồ sơ. Hãy lập hồ sơ mới hoặc đợi một giờ.",
		"Dossier {0} has had its owner changed, or too many owners were changed. Make another dossier, or wait an hour."},
	"dossier.agency-fixed": {
		"Không đổi được cơ quan của hồ sơ {0}.",
		"The agency of dossier {0} cannot be changed."},
	"dossier.owner-reused": {
		"Hồ sơ {0} đang dùng lại kết quả của chủ hồ sơ nên không đổi sang người khác được. Hãy thôi dùng các kết quả đó trước.",
		"Dossier {0} reuses results of its owner, so it cannot be given to another person. End these reuses first."},
	"dossier.birth-date": {
		"Ngày sinh “{0}” không đúng. Hãy ghi theo dạng năm-tháng-ngày, ví dụ 1990-11-30.",
		"The birth date “{0}” is wrong. Write it as year-month-day, such as 1990-11-30."},
	"national.request": {
		"Yêu cầu tra cứu sai hoặc thiếu ở {0}.",
		"The look-up is wrong, or lacks something, at {0}."},
	"national.purpose": {
		"Không tra cứu được: hồ sơ, thủ tục, thành phần hồ sơ và chủ sở hữu không khớp với nhau, hoặc không thuộc cơ quan của khóa API.",
		"Nothing can be looked up: dossier, procedure, requirement and owner do not belong together, or not to the agencies of the API key."},
	"national.none": {
		"Không có kết quả nào.",
		"Nothing is held."},
	"national.found": {
		"Có {0} kết quả.",
		"{0} results are held."},
	"hook.unknown": {
		"Không có webhook {0}.",
		"There is no webhook {0}."},
	"hook.url": {
		"Địa chỉ webhook phải là https://…, không quá {0} byte, không có tên đăng nhập và phần sau dấu #.",
		"The address of a webhook is https://..., at most {0} bytes, with neither a user nor a fragment."},
	"hook.host": {
		"Máy chủ {0} không có trong webhook_hosts, hoặc không dùng HTTPS. Hãy thêm vào cấu hình trước.",
		"Host {0} is not in webhook_hosts, or not by HTTPS. Add it to the settings first."},
	"hook.events": {
		"Webhook cần ít nhất một sự kiện trong số: {0}.",
		"A webhook needs at least one event of: {0}."},
	"hook.many": {
		"Đã có {0} webhook; không thêm được nữa.",
		"There are {0} webhooks already; no more can be added."},
	"hook.private": {
		"Địa chỉ mạng {0} của webhook không được phép: không công khai và không thuộc mạng nào trong webhook_hosts.",
		"The webhook's network address {0} is not allowed: it is not public, and in no network of webhook_hosts."},
	"hook.status": {
		"Máy nhận trả lời {0}.",
		"The receiver answered {0}."},
	"hook.unreachable": {
		"Không kết nối được máy nhận, hoặc máy nhận không trả lời kịp.",
		"The receiver could not be reached, or did not answer in time."},
	"hook.gone": {
		"Máy nhận báo không nhận nữa (410).",
		"The receiver says that it takes no more (410)."},
	"hook.key": {
		"Khóa API của webhook đã bị thu hồi, đã hết hạn hoặc không có quyền webhook.",
		"The API key of the webhook is revoked, over, or without the scope webhook."},
	"hook.setting": {
		"webhook_hosts: “{0}” không đúng. Mỗi mục là tên máy, tên máy:cổng hoặc mạng dạng 10.1.0.0/16.",
		"webhook_hosts: “{0}” is wrong. Each is a host, host:port, or a network such as 10.1.0.0/16."},
	"hook.ca": {
		"Tệp {0} không có chứng thư (PEM) nào.",
		"File {0} has no certificate (PEM)."},
	"hook.network": {
		"Mạng “{0}” không đúng. Dạng đúng: 10.1.0.0/16.",
		"The network “{0}” is wrong. It looks like 10.1.0.0/16."},
}

func init() { say(programMessages) }
