package sohoa

// accountMessages are the sentences about signing in and about people's own
// accounts.
var accountMessages = map[string]message{
	"device.unknown": {
		"Không có phiên đăng nhập này; có thể nó đã kết thúc.",
		"There is no such sign-in; it may have ended."},
	"user.unknown": {
		"Không có người dùng “{0}” trong phạm vi quản lý của anh/chị.",
		"There is no user “{0}” whom you may manage."},
	"user.disabled": {
		"Tài khoản này đã bị khóa. Hãy liên hệ quản trị viên.",
		"This account is disabled. Ask your administrator."},
	"user.code": {
		"Mã không đúng hoặc đã dùng. Hãy đợi mã tiếp theo trên điện thoại, và kiểm tra giờ của điện thoại.",
		"The code is wrong or was used already. Wait for the next one on your phone, and check the phone's clock."},
	"user.half": {
		"Đã quá lâu kể từ khi nhập mật khẩu. Hãy đăng nhập lại từ đầu.",
		"It took too long since the password. Begin to sign in again."},
	"user.second-factor": {
		"Hãy thiết lập xác thực hai lớp ở trang Tài khoản của tôi trước.",
		"Set up a second factor first, on the page of your account."},
	"user.last-factor": {
		"Vai trò của anh/chị bắt buộc có xác thực hai lớp. Hãy thêm cách khác trước khi gỡ cách này.",
		"Your role needs a second factor. Add another one before you remove this."},
	"user.no-factor": {
		"Chưa bật xác thực hai lớp nên không cần mã dự phòng.",
		"There is no second factor, so recovery codes are of no use."},
	"user.prove": {
		"Hãy xác nhận danh tính ở trang Tài khoản của tôi rồi thử lại.",
		"Confirm that it is you on the page of your account, then try again."},
	"user.old-password": {
		"Mật khẩu hiện tại không đúng.",
		"That is not your present password."},
	"user.password-common": {
		"Mật khẩu này quá dễ đoán: chỉ gồm từ thông dụng, tên hoặc chữ số. Hãy dùng một câu ngắn, ví dụ bốn từ không liên quan.",
		"This password is among the first to be guessed: common words, a name or digits only. Use a short sentence, for instance four unrelated words."},
	"user.last-admin": {
		"Đây là quản trị viên cuối cùng của toàn hệ thống. Hãy có người khác làm quản trị viên trước.",
		"This is the last administrator of the whole installation. Make somebody else one first."},
	"user.above": {
		"Anh/chị chỉ gán được cơ quan trong phạm vi quản lý của mình.",
		"You can give people only agencies that you manage."},
	"passkey.host": {
		"Khóa truy cập cần địa chỉ có tên miền qua HTTPS, hoặc http://localhost. Hãy mở sohoa bằng địa chỉ đó.",
		"Passkeys need an address with a name over HTTPS, or http://localhost. Open sohoa at such an address."},
	"passkey.late": {
		"Đã quá lâu. Hãy bấm lại nút khóa truy cập.",
		"It took too long. Press the button for the passkey again."},
	"passkey.refused": {
		"Khóa truy cập này không được chấp nhận. Hãy đăng nhập bằng mật khẩu và mã, hoặc dùng khóa khác.",
		"This passkey is not accepted. Sign in by password and code, or use another one."},
	"passkey.unknown": {
		"Không có khóa truy cập này.",
		"There is no such passkey."},
	"passkey.too-many": {
		"Mỗi người có tối đa {0} khóa truy cập. Hãy gỡ một khóa không dùng nữa.",
		"A person has at most {0} passkeys. Remove one that is not used any more."},
	"signon.settings": {
		"Thiết lập cổng đăng nhập chưa đúng: oidc_issuer “{0}” phải là địa chỉ https, và cần oidc_client_id.",
		"The settings of the sign-on are wrong: oidc_issuer “{0}” must be an https address, and oidc_client_id is needed."},
	"signon.unavailable": {
		"“{0}” hiện không trả lời. Hãy thử lại sau, hoặc đăng nhập bằng mật khẩu.",
		"“{0}” does not answer now. Try again later, or sign in by password."},
	"signon.late": {
		"Lần đăng nhập này đã quá lâu hoặc bắt đầu ở nơi khác. Hãy bấm lại nút đăng nhập.",
		"This sign-in took too long or was begun elsewhere. Press the button again."},
	"signon.denied": {
		"“{0}” cho biết anh/chị chưa đồng ý hoặc chưa được phép đăng nhập.",
		"“{0}” says that you did not agree, or may not sign in."},
	"signon.refused": {
		"Câu trả lời của “{0}” không hợp lệ nên không đăng nhập được. Hãy báo quản trị viên nếu còn lặp lại.",
		"The answer of “{0}” is not valid, so you were not signed in. Tell your administrator if it happens again."},
	"signon.unknown": {
		"“{0}” chưa có tài khoản trong sohoa. Hãy nhờ quản trị viên tạo tài khoản.",
		"“{0}” has no account in sohoa. Ask your administrator for one."},
	"signon.other": {
		"Không liên kết được tài khoản “{0}”: tài khoản hoặc định danh này đã liên kết khác. Hãy nhờ quản trị viên.",
		"Account “{0}” cannot be linked: it, or the identity, is linked otherwise. Ask your administrator."},
	"settings.proxies": {
		"Thiết lập trusted_proxies có “{0}”, không phải địa chỉ hay mạng. Hãy ghi như 10.0.0.5 hoặc 10.0.0.0/24.",
		"The setting trusted_proxies has “{0}”, which is neither an address nor a network. Write it as 10.0.0.5 or 10.0.0.0/24."},
	"totp.key": {
		"Khóa bí mật của mã xác thực không mở được, có thể vì khóa của hệ thống đã thay. Hãy nhờ quản trị viên gỡ xác thực hai lớp rồi thiết lập lại.",
		"The secret of your codes cannot be opened; the installation's key may be another now. Have an administrator remove your second factors, then set them up again."},
}

func init() { say(accountMessages) }
