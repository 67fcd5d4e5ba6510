package sohoa

// message is one sentence for people, in both languages. {0}, {1} are
// Problem.Args. It says what is wrong and what to do about it.
type message struct{ vi, en string }

// say adds sentences to the table. A code has one.
func say(sentences map[string]message) {
	for code, m := range sentences {
		if _, ok := messages[code]; ok {
			panic("sohoa: two sentences for " + code)
		}
		messages[code] = m
	}
}

// messages is the one table of sentences, by Problem.Code.
var messages = map[string]message{
	"internal": {
		"Lỗi của hệ thống. Tài liệu gốc vẫn được giữ nguyên; hãy thử lại, nếu vẫn lỗi xin báo quản trị viên.",
		"An internal error. The original is safe; try again, and tell the administrator if it persists."},
	"id.malformed": {
		"“{0}” không phải mã tài liệu: mã gồm 26 chữ số và chữ cái.",
		"“{0}” is not a document ID: an ID has 26 digits and letters."},
	"settings.file": {
		"Tệp cấu hình {0} bị sai. Hãy sửa hoặc bỏ tệp này rồi chạy lại.",
		"Settings file {0} is wrong. Correct or remove it and run again."},
	"settings.user": {
		"Cấu hình “{0}” sai. Dạng đúng: tên-đăng-nhập=giá-trị.",
		"The setting “{0}” is wrong. It looks like user-name=value."},
	"sign.timestamp": {
		"Dấu thời gian không hợp lệ cho dữ liệu này, hoặc không do tổ chức được tin cậy cấp. Hãy kiểm tra thiết lập trust.",
		"The timestamp is not a valid one over this, or not by an authority that is trusted. Check the setting trust."},
	"journal.file": {
		"Tệp này không phải giá trị đầu nhật ký hay bằng chứng nhật ký, hoặc đã bị chép sai. Hãy lấy lại từ nơi đã lưu.",
		"This file is no head and no proof of the journal, or was copied wrongly. Take it again from where it is kept."},
	"journal.proof": {
		"Bằng chứng nhật ký không đúng: nội dung không khớp với giá trị đầu nhật ký. Hãy giữ nguyên tệp và báo quản trị viên.",
		"The proof of the journal is wrong: it does not lead to its head. Keep the file as it is and tell the administrator."},
	"journal.entry": {
		"Nhật ký không có dòng {0}: hiện có {1} dòng.",
		"The journal has no entry {0}: there are {1}."},
	"journal.no-tsa": {
		"Chưa cấu hình tổ chức cấp dấu thời gian, nên giá trị đầu nhật ký không có dấu thời gian. Hãy đặt tsa.",
		"No timestamp authority is configured, so heads of the journal have no timestamp. Set tsa."},
	"journal.other": {
		"Nhật ký trong kho lưu trữ khác với nhật ký trong cơ sở dữ liệu; không ghi đè gì. Hãy kiểm tra cơ sở dữ liệu, rồi phục hồi (sohoa recover) vào một cơ sở dữ liệu trống.",
		"The journal in the storage root is another than that of the database; nothing was written over. Check the database, then recover (sohoa recover) into an empty one."},
	"journal.broken": {
		"Nhật ký không còn nguyên vẹn: {0} điểm sai. Hãy giữ nguyên hiện trạng và báo người phụ trách an toàn thông tin.",
		"The journal is not whole: {0} findings. Leave everything as it is and tell whoever is responsible for security."},
	"journal.purpose": {
		"Hãy ghi mục đích tra cứu nhật ký.",
		"Say what you look into the journal for."},
	"journal.day": {
		"Nhật ký không có giá trị đầu của ngày {0}.",
		"The journal has no head of the day {0}."},
	"journal.prove": {
		"Hãy cho số dòng cần chứng minh, hoặc --from với cỡ của giá trị đầu cũ.",
		"Give the number of the entry to prove, or --from with the size of the older head."},
	"journal.time": {
		"“{0}” không phải ngày. Dạng đúng: 2026-11-30.",
		"“{0}” is not a date. It looks like 2026-11-30."},
	"file.not-found": {
		"Không có tệp hoặc thư mục {0}.",
		"There is no file or folder {0}."},
	"sign.token-uri": {
		"Địa chỉ khóa PKCS#11 sai ở “{0}”. Dạng đúng: pkcs11:token=TÊN;object=KHÓA?module-path=/đường/dẫn/thư-viện.so",
		"The address of the PKCS#11 key is wrong at “{0}”. It looks like pkcs11:token=NAME;object=KEY?module-path=/path/to/module.so"},
	"sign.token-module": {
		"Không nạp được thư viện PKCS#11 {0}. Hãy cài phần mềm của thiết bị ký và sửa module-path.",
		"The PKCS#11 module {0} cannot be loaded. Install the token's software and correct module-path."},
	"sign.token-missing": {
		"Không thấy thiết bị ký {0}. Hãy cắm thiết bị, kiểm tra tên (token=) rồi thử lại.",
		"The token {0} is not there. Plug it in, check its name (token=) and try again."},
	"sign.token-key": {
		"Thiết bị ký không có khóa {0}. Hãy kiểm tra id= và object=.",
		"The token has no key {0}. Check id= and object=."},
	"sign.token-choose": {
		"Có nhiều lựa chọn phù hợp: {0}. Hãy ghi rõ trong địa chỉ khóa.",
		"Several match: {0}. Say in the address of the key which one."},
	"sign.token-certificate": {
		"Thiết bị ký không có chứng thư của khóa {0}. Hãy chỉ ra tệp chứng thư (--cert, hoặc sign_cert của dịch vụ).",
		"The token has no certificate for the key {0}. Name a file with it (--cert, or sign_cert for the service)."},
	"sign.token-failed": {
		"Thiết bị ký không trả lời hoặc báo lỗi. Hãy kiểm tra thiết bị rồi thử lại.",
		"The token does not answer, or reports an error. Check it and try again."},
	"sign.pin-missing": {
		"Thiết bị ký {0} cần mã PIN. Hãy đặt mã PIN trong biến SOHOA_KEY_PASSWORD (lệnh sign) hoặc SOHOA_SIGN_PASSWORD (dịch vụ), hoặc dùng pin-source=.",
		"The token {0} needs its PIN. Give it in SOHOA_KEY_PASSWORD (sign) or SOHOA_SIGN_PASSWORD (the service), or by pin-source=."},
	"sign.pin-last": {
		"Mã PIN của thiết bị ký {0} chỉ còn một lần thử nên không được dùng. Hãy kiểm tra mã PIN bằng phần mềm của thiết bị trước.",
		"Only one try is left for the PIN of the token {0}, and it is not used up. Check the PIN with the token's own software first."},
	"sign.pin-locked": {
		"Mã PIN của thiết bị ký {0} đã bị khóa. Hãy mở khóa bằng phần mềm của thiết bị.",
		"The PIN of the token {0} is locked. Unlock it with the token's own software."},
	"set.title": {
		"Hãy đặt tên cho bộ trình ký, không quá 200 ký tự.",
		"Give the signing set a title of at most 200 characters."},
	"set.steps": {
		"Bộ trình ký cần từ một đến mười người ký.",
		"A signing set needs one to ten signers."},
	"set.step": {
		"Không ký được với tư cách “{0}”, hoặc chưa chọn người ký.",
		"Nobody can sign as “{0}”, or no signer was chosen."},
	"set.choose": {
		"Hãy chọn ít nhất một tài liệu.",
		"Choose at least one document."},
	"place.outside": {
		"Khung chữ ký phải nằm trọn trong trang.",
		"The frame of the mark must lie within the page."},
	"sign.certificate": {
		"Không đọc được chứng thư số đã gửi. Hãy gửi chứng thư X.509 dạng DER.",
		"The certificate that was sent cannot be read. Send X.509 in DER."},
	"set.documents": {
		"Bộ trình ký cần từ một đến {0} tài liệu.",
		"A signing set needs one to {0} documents."},
	"set.twice": {
		"Tài liệu {0} có hai lần trong danh sách.",
		"Document {0} is in the list twice."},
	"set.agencies": {
		"Các tài liệu thuộc nhiều cơ quan. Hãy lập cho mỗi cơ quan một bộ trình ký.",
		"The documents belong to several agencies. Make a signing set for each."},
	"set.signer": {
		"Không có người dùng “{0}”, hoặc người này không được xem các tài liệu.",
		"There is no user “{0}”, or they may not see the documents."},
	"set.not-kept": {
		"Tài liệu {0} chưa được lưu trữ nên chưa trình ký được.",
		"Document {0} is not kept yet, so it cannot be put up for signing."},
	"set.not-yours": {
		"Chưa đến lượt bạn ở {0}, hoặc bạn không có quyền làm việc này.",
		"It is not your turn at {0}, or you are not permitted to do this."},
	"set.not-due": {
		"Không có tài liệu nào đang chờ bạn ký ở {0}.",
		"Nothing waits for your signature at {0}."},
	"set.awaiting": {
		"Chữ ký trước của tài liệu {0} đang chờ dấu thời gian. Hãy đợi có dấu thời gian rồi ký.",
		"The signature before on document {0} awaits its timestamp. Sign when that is there."},
	"set.ended": {
		"Việc trình ký {0} đã kết thúc.",
		"The signing of {0} has ended."},
	"set.signing": {
		"Tài liệu {0} vừa được ký, đang lưu. Hãy đợi lưu xong.",
		"Document {0} was just signed and is being kept. Wait until that is done."},
	"set.busy": {
		"Bạn đang ký bộ {0}. Hãy đợi ký xong.",
		"You are signing set {0} already. Wait until that is done."},
	"set.reason": {
		"Hãy ghi lý do, không quá {0} ký tự.",
		"Give a reason of at most {0} characters."},
	"set.place": {
		"Vị trí đặt chữ ký nằm ngoài trang.",
		"The place for the mark is not on a page."},
	"sign.not-signer": {
		"Chứng thư số của “{0}” không phải của {1}.",
		"The certificate of “{0}” is not that of {1}."},
	"sign.untrusted": {
		"Chứng thư số của “{0}” không dẫn đến chứng thư gốc nào được tin cậy ở đây.",
		"The certificate of “{0}” leads to no root that is trusted here."},
	"sign.no-user-key": {
		"Bạn chưa có khóa ký trên máy chủ này. Hãy ký bằng công cụ trên máy của bạn, hoặc nhờ quản trị viên cấu hình.",
		"You have no key on this server. Sign with the tool on your machine, or ask the administrator."},
	"sign.ticket": {
		"Liên kết ký đã dùng, đã hết hạn hoặc không tồn tại. Hãy bắt đầu ký lại.",
		"This link for signing was used, has expired or never was. Start signing again."},
	"sign.item-refused": {
		"Người ký đã từ chối ký.",
		"The signer refused to sign."},
	"sign.item-withdrawn": {
		"Việc trình ký đã được rút lại.",
		"The signing was withdrawn."},
	"recover.signature": {
		"Một tệp đã ký gửi về chưa kịp lưu trữ khi danh mục bị mất. Tệp còn ở {1} trong kho đối tượng. ({0})",
		"A signed file that was brought back was not kept yet when the catalogue was lost. It is at {1} in the object store. ({0})"},
	"set.unknown": {
		"Không có bộ trình ký {0}.",
		"There is no signing set {0}."},
	"set.taken": {
		"Tài liệu {0} đang chờ ký ở bộ trình ký khác hoặc đang được ký. Hãy đợi xong, hoặc rút tài liệu khỏi bộ đó.",
		"Document {0} waits in another signing set or is being signed. Wait until that is done, or withdraw it there."},
	"lookup.unknown": {
		"Không có giấy tờ nào mang mã tra cứu này. Hãy xem lại mã trên bản in.",
		"No paper has this lookup code. Compare it with the printed copy."},
	"document.unknown": {
		"Không có tài liệu {0}.",
		"There is no document {0}."},
	"dossier.unknown": {
		"Không có hồ sơ {0}. Hãy tạo hồ sơ trước, hoặc kiểm tra lại mã.",
		"There is no dossier {0}. Create it first, or check the code."},
	"dossier.exists": {
		"Đã có hồ sơ {0}.",
		"Dossier {0} exists already."},
	"dossier.code": {
		"Mã hồ sơ “{0}” không hợp lệ: dùng chữ, số, dấu chấm, gạch ngang, gạch chéo, không quá 100 ký tự.",
		"“{0}” is not a dossier code: use letters, digits, dots, hyphens and slashes, at most 100 characters."},
	"recover.unfinished": {
		"Tài liệu {0} chưa kịp lưu trữ khi danh mục bị mất. Bản gốc còn ở {1} trong kho đối tượng; hãy thêm lại.",
		"Document {0} was not kept yet when the catalogue was lost. Its original is at {1} in the object store; add it again."},
	"recover.arranged": {
		"Các trang của tài liệu {0} đang được sắp xếp khi danh mục bị mất. Chúng còn trong bản gốc của các tài liệu khác cùng hồ sơ; hãy sắp xếp lại.",
		"The pages of document {0} were being arranged when the catalogue was lost. They are in the originals of other documents of its dossier; arrange them again."},
	"backup.none": {
		"Ở đó không có bộ sao lưu nào.",
		"There is no back-up there."},
	"backup.other": {
		"Ở đó đã có thứ khác ({0}). Hãy chọn một thư mục trống hoặc một bộ sao lưu có sẵn.",
		"Something else is there ({0}). Choose an empty folder, or an existing back-up."},
	"backup.format": {
		"Bộ sao lưu có định dạng “{0}” mà phiên bản này không đọc được. Hãy dùng phiên bản chương trình mới hơn.",
		"The back-up is of the format “{0}”, which this version does not read. Use a newer version of the program."},
	"backup.damaged": {
		"Tệp {0} của bộ sao lưu đã bị thay đổi. Hãy dùng bộ sao lưu thứ hai; “sohoa backup --full” ghi lại những gì kho lưu trữ còn có.",
		"The file {0} of the back-up has been altered. Use the second set; “sohoa backup --full” stores again what the archive still has."},
	"backup.missing": {
		"Bộ sao lưu thiếu tệp {0}. Hãy dùng bộ sao lưu thứ hai; “sohoa backup --full” ghi lại những gì kho lưu trữ còn có.",
		"The back-up lacks the file {0}. Use the second set; “sohoa backup --full” stores again what the archive still has."},
	"backup.locked": {
		"Bộ sao lưu đang được dùng trên máy {0} (lúc {1}). Hãy đợi xong rồi thử lại.",
		"The back-up is in use on {0} (at {1}). Wait until that has ended."},
	"backup.snapshot": {
		"Không có đúng một bản chụp tên “{0}”. “sohoa backup list” liệt kê các bản chụp.",
		"There is not exactly one snapshot “{0}”. “sohoa backup list” lists them."},
	"backup.where": {
		"Hãy cho biết nơi sao lưu: một thư mục, s3:TIỀN-TỐ, hoặc cấu hình backup_dir.",
		"Say where the back-up is: a folder, s3:PREFIX, or the setting backup_dir."},
	"backup.inside": {
		"{0} nằm trong thư mục dữ liệu. Hãy sao lưu sang phương tiện khác.",
		"{0} is inside the data folder. Back up to another medium."},
	"backup.at": {
		"Giờ sao lưu “{0}” sai. Dạng đúng: 02:30.",
		"“{0}” is not a time for back-ups. It looks like 02:30."},
	"restore.journal": {
		"Nhật ký đã khôi phục không khớp với bản chụp ở mục {0}. Hãy khôi phục bản chụp khác và báo quản trị viên.",
		"The restored journal does not agree with the snapshot at entry {0}. Restore another snapshot, and tell the administrator."},
	"restore.database": {
		"Cơ sở dữ liệu đã có danh mục. Chỉ khôi phục được vào cơ sở dữ liệu trống.",
		"The database has a catalogue already. Restore into an empty one."},
	"restore.newer": {
		"Bản chụp do phiên bản chương trình mới hơn tạo ra. Hãy khôi phục bằng phiên bản đó.",
		"The snapshot was taken by a newer version of the program. Restore it with that version."},
	"restore.occupied": {
		"{0} không trống. Chỉ khôi phục được vào nơi trống.",
		"{0} is not empty. Restore into an empty place."},
	"restore.unfinished": {
		"Việc khôi phục bản chụp {0} vào đây chưa xong. Hãy chạy lại “sohoa restore {0}”.",
		"The snapshot {0} was not restored here to the end. Run “sohoa restore {0}” again."},
	"restore.kind": {
		"Bản chụp có danh mục của {0}, còn cấu hình là {1}. Hãy khôi phục vào cùng loại cơ sở dữ liệu.",
		"The snapshot has a catalogue of {0}, the settings say {1}. Restore into the same kind of database."},
	"restore.damaged": {
		"Không khôi phục được {0} tệp vì bộ sao lưu bị hỏng; tên các tệp ở trên. Hãy lấy chúng từ bộ sao lưu thứ hai, hoặc chấp nhận mất chúng bằng --accept-damage.",
		"{0} files were not restored because the back-up is damaged; they are named above. Take them from the second set, or accept their loss by --accept-damage."},
	"restore.lost": {
		"Khi khôi phục từ bản sao lưu thiếu tệp {0} của tài liệu này. Hãy thêm lại bản gốc vào hồ sơ.",
		"The file {0} of this document was not in the back-up from which the archive was restored. Add the original to the dossier again."},
	"restore.later": {
		"Tài liệu {0} được đưa vào sau thời điểm của bản chụp. Bản gốc của nó ở {1} trong kho đối tượng trong 30 ngày; hãy thêm lại nếu cần.",
		"Document {0} was brought in after the moment of the snapshot. Its original is at {1} in the object store for 30 days; add it again if it is wanted."},
	"restore.behind": {
		"Kho lưu trữ chỉ có phiên bản {1} của tài liệu {0}, danh mục có phiên bản {2}.",
		"The storage root has version {1} of document {0} only, the catalogue version {2}."},
	"store.moved": {
		"Kho đối tượng này đã được chuyển sang {0}. Hãy đổi cấu hình ({1}) rồi chạy lại. Kho cũ không được dùng nữa.",
		"This object store was moved to {0}. Change the settings ({1}) and run again. The old store is not used any more."},
	"store.moving": {
		"Việc chuyển kho đối tượng sang {0} chưa xong nên chưa dùng được kho này. Hãy chạy lại “sohoa migrate-store” với cấu hình cũ. (Cấu hình sau khi chuyển: {1})",
		"The object store was not moved to {0} to the end, so it cannot be used yet. Run “sohoa migrate-store” again with the old settings. (Settings afterwards: {1})"},
	"move.other": {
		"Kho đích không trống ({0}) và không thuộc về kho lưu trữ này. Hãy chọn kho trống.",
		"The new store is not empty ({0}) and does not belong to this archive. Choose an empty one."},
	"move.same": {
		"Kho đối tượng đã ở đó rồi.",
		"The object store is there already."},
	"move.shared": {
		"Không chuyển được kho đối tượng khi có {0} tiến trình dùng chung cơ sở dữ liệu. Hãy dừng mọi “serve” và “worker” rồi chạy lại.",
		"The object store cannot be moved while {0} processes share the database. Stop every 'serve' and 'worker', then run again."},
	"move.running": {
		"Kho đối tượng đang được chuyển.",
		"The object store is being moved already."},
	"arrange.signed": {
		"Tài liệu đã được ký hoặc lưu trữ nên không sắp xếp lại trang được nữa.",
		"The document is signed or kept; its pages cannot be arranged any more."},
	"arrange.signing": {
		"Tài liệu đang được ký và lưu trữ nên không giữ lại được nữa.",
		"The document is being signed and kept; it cannot be held any more."},
	"arrange.reading": {
		"Các trang đang được đọc ({0}/{1}). Hãy đợi đọc xong rồi sắp xếp.",
		"The pages are being read ({0} of {1}). Arrange them when all are read."},
	"arrange.parked": {
		"Tài liệu đang bị dừng. Hãy xử lý lý do dừng trước khi sắp xếp trang.",
		"The document is stopped. See to the reason before arranging its pages."},
	"arrange.original": {
		"Đây là PDF điện tử gốc hoặc đã có chữ ký, được giữ nguyên nên không sắp xếp trang.",
		"This PDF was born digital or carries signatures. It is kept as it is, so its pages are not arranged."},
	"arrange.changed": {
		"Các trang vừa được người khác sắp xếp. Hãy xem lại rồi làm tiếp.",
		"The pages were arranged by somebody else meanwhile. Look at them again, then go on."},
	"arrange.syntax": {
		"Không hiểu “{0}” trong danh sách trang. Ví dụ đúng: 1,3-5,2@90 (@ là số độ xoay theo chiều kim đồng hồ).",
		"“{0}” is not a page in a list of pages. It looks like 1,3-5,2@90 (@ and the degrees to turn clockwise)."},
	"arrange.choose": {
		"Hãy chọn trang trước.",
		"Select pages first."},
	"arrange.other": {
		"Hãy chọn tài liệu trước.",
		"Select a document first."},
	"arrange.page": {
		"Không có trang {0} trong hồ sơ này.",
		"There is no page {0} in this dossier."},
	"arrange.twice": {
		"Trang {0} có hai lần trong danh sách.",
		"Page {0} is in the list twice."},
	"arrange.empty": {
		"Tài liệu phải còn ít nhất một trang.",
		"A document must have one page at least."},
	"arrange.emptied": {
		"Mọi trang của tài liệu này đã chuyển sang tài liệu khác; nó sẽ được lưu cùng với các tài liệu đó.",
		"All pages of this document were moved to others; it is kept along with these."},
	"arrange.split": {
		"Không tách được sau trang {0}: tài liệu có {1} trang.",
		"It cannot be split after page {0}: the document has {1} pages."},
	"arrange.undo-none": {
		"Không còn thay đổi nào để hoàn tác.",
		"There is no change left to undo."},
	"arrange.undo-later": {
		"Thay đổi này liên quan đến tài liệu {0}, mà tài liệu đó đã thay đổi sau đó. Hãy hoàn tác ở tài liệu đó trước.",
		"This change concerns document {0}, which was changed since. Undo there first."},
	"remote.address": {
		"Địa chỉ khóa từ xa sai: “{0}”. Dạng đúng: csc:https://MÁY-CHỦ/csc/v2?credential=MÃ-KHÓA",
		"The address of the remote key is wrong: “{0}”. It looks like csc:https://HOST/csc/v2?credential=ID"},
	"remote.no-tls": {
		"Dịch vụ ký từ xa {0} phải được gọi qua https.",
		"The remote signing service {0} has to be reached over https."},
	"remote.other-host": {
		"Dịch vụ ký từ xa chỉ sang địa chỉ khác ({0}) để đăng nhập, không phải {1}. Nếu đúng, hãy ghi địa chỉ đó vào token-url.",
		"The remote signing service names another address ({0}) to log in at, not {1}. If that is right, name it as token-url."},
	"remote.redirected": {
		"Dịch vụ ký từ xa {0} chuyển sang địa chỉ khác; sohoa không đi theo. Hãy kiểm tra lại địa chỉ khóa.",
		"The remote signing service {0} redirects to another address, which sohoa does not follow. Check the address of the key."},
	"remote.no-login": {
		"Chưa có thông tin đăng nhập dịch vụ ký từ xa {0}. Hãy đặt SOHOA_CSC_TOKEN, hoặc SOHOA_CSC_CLIENT_ID và SOHOA_CSC_CLIENT_SECRET.",
		"There is no log-in for the remote signing service {0}. Set SOHOA_CSC_TOKEN, or SOHOA_CSC_CLIENT_ID and SOHOA_CSC_CLIENT_SECRET."},
	"remote.login": {
		"Dịch vụ ký từ xa {0} không chấp nhận thông tin đăng nhập. Hãy kiểm tra tài khoản, hoặc lấy mã truy cập mới.",
		"The remote signing service {0} does not accept the log-in. Check the account, or get a new access token."},
	"remote.unavailable": {
		"Dịch vụ ký từ xa {0} không trả lời. Hãy kiểm tra mạng rồi thử lại.",
		"The remote signing service {0} does not answer. Check the network and try again."},
	"remote.answer": {
		"Câu trả lời của dịch vụ ký từ xa {0} không đúng chuẩn nên không được dùng. Hãy báo nhà cung cấp.",
		"The answer of the remote signing service {0} is not as the standard says and is not used. Tell its provider."},
	"remote.value": {
		"Dịch vụ ký từ xa {0} trả về chữ ký không khớp với chứng thư. Không có gì được ký. Hãy báo nhà cung cấp.",
		"The remote signing service {0} returned a signature that its certificate did not make. Nothing was signed. Tell its provider."},
	"remote.refused": {
		"Dịch vụ ký từ xa {0} từ chối. Hãy hỏi nhà cung cấp, kèm lý do trong nhật ký.",
		"The remote signing service {0} refuses. Ask its provider, with the reason in the log."},
	"remote.credential": {
		"Dịch vụ ký từ xa không có khóa nào của tài khoản này như đã ghi ({0}). Hãy kiểm tra credential= trong địa chỉ khóa.",
		"The remote signing service has no such key of this account ({0}). Check credential= in the address of the key."},
	"remote.choose": {
		"Tài khoản có nhiều khóa: {0}. Hãy ghi rõ credential= trong địa chỉ khóa.",
		"The account has several keys: {0}. Say which one with credential= in the address of the key."},
	"remote.unusable": {
		"Khóa từ xa {0} không dùng được: {1}. Hãy hỏi nhà cung cấp.",
		"The remote key {0} cannot be used: {1}. Ask its provider."},
	"remote.certificate": {
		"Không đọc được chứng thư của khóa từ dịch vụ ký từ xa {0}.",
		"The certificate of the key cannot be read from the remote signing service {0}."},
	"remote.algorithm": {
		"Khóa từ xa {0} không ký được bằng thuật toán {1}.",
		"The remote key {0} cannot sign with {1}."},
	"remote.mode": {
		"Khóa ở {0} cần cách cho phép ký “{1}” mà sohoa không tự làm được. Hãy đăng nhập ở dịch vụ đó và đặt mã truy cập vào SOHOA_CSC_TOKEN.",
		"The key at {0} wants to be authorised by “{1}”, which sohoa does not do by itself. Log in there and put the access token in SOHOA_CSC_TOKEN."},
	"remote.factor-missing": {
		"Cần nhập {0} để ký từ xa.",
		"Signing with the remote key needs its {0}."},
	"remote.factor-wrong": {
		"Mã PIN hoặc OTP sai, dịch vụ {0} không cho ký. Hãy nhập lại; sai nhiều lần khóa sẽ bị chặn.",
		"Wrong PIN or one-time password: {0} does not permit signing. Enter it again; after several wrong ones the key is locked."},
	"remote.locked": {
		"Khóa từ xa ở {0} đã bị chặn vì nhập sai nhiều lần. Hãy liên hệ nhà cung cấp để mở.",
		"The remote key at {0} is locked after wrong tries. Ask its provider to unlock it."},
	"remote.expired": {
		"Lần cho phép ký ở {0} đã hết hạn hoặc đã dùng. Hãy ký lại từ đầu.",
		"The permission to sign at {0} has expired or was used. Sign again from the start."},
	"remote.waiting": {
		"Đang chờ dịch vụ ký từ xa. Nếu được hỏi trên điện thoại, hãy xác nhận.",
		"Waiting for the remote signing service. If it asks on the telephone, confirm there."},
	"remote.not-here": {
		"Khóa của chính máy chủ (sign_key) phải là tệp PKCS#12 hoặc ở thiết bị PKCS#11; {0} là khóa từ xa. Hãy dùng khóa từ xa với sohoa sign.",
		"The server's own key (sign_key) has to be a PKCS#12 file or in a PKCS#11 token; {0} is a remote key. Use that with sohoa sign."},
	"remote.own-certificate": {
		"Khóa từ xa có chứng thư riêng; hãy bỏ --cert ({0}).",
		"A remote key comes with its certificate; leave out --cert ({0})."},
	"remote.ticket": {
		"Phiếu chờ ký không thuộc khóa này hoặc bị hỏng ({0}).",
		"The ticket of the waiting signature is not of this key, or is damaged ({0})."},
	"returned.other": {
		"Tệp gửi về không phải là tài liệu đã gửi đi ký, hoặc nội dung của nó đã bị sửa (từ byte {0}). Hãy ký lại bản lấy từ sohoa.",
		"The file that came back is not the document that was sent, or its content was changed (from byte {0} on). Sign the one from sohoa again."},
	"returned.truncated": {
		"Tệp gửi về bị cụt. Hãy ký và gửi lại.",
		"The file that came back is cut off. Sign and send it again."},
	"returned.too-large": {
		"Phần thêm vào khi ký lớn hơn {0} MB, không phải một chữ ký.",
		"What was added by signing is larger than {0} MB, which no signature is."},
	"returned.unsigned": {
		"Tệp gửi về chưa có chữ ký mới. Hãy ký rồi gửi lại.",
		"The file that came back has no new signature. Sign it and send it again."},
	"returned.several": {
		"Tệp gửi về có {0} chữ ký mới; mỗi lần chỉ nhận một. Hãy ký lại một lần.",
		"The file that came back has {0} new signatures; one at a time is taken. Sign it once."},
	"returned.several-fields": {
		"Một chữ ký đứng ở nhiều trường, hoặc trường đã ký không phải trường được kiểm tra. Hãy ký lại.",
		"A signature stands in several fields, or another field was signed than the one that was checked. Sign again."},
	"returned.timestamp": {
		"Tệp gửi về thêm dấu thời gian của tài liệu; chỉ nhận một chữ ký. Hãy tắt tính năng đó trong phần mềm ký.",
		"A document timestamp was added; a signature alone is taken. Turn that off in the signing program."},
	"returned.unreadable": {
		"Không đọc được tệp gửi về như một tệp PDF. Hãy ký và gửi lại.",
		"The file that came back cannot be read as a PDF. Sign and send it again."},
	"returned.page": {
		"Nội dung trang {0} đã bị thay đổi khi ký. Tệp không được nhận.",
		"The content of page {0} was changed while signing. The file is not taken."},
	"returned.pages": {
		"Trang đã bị thêm, bớt hoặc đổi thứ tự khi ký. Tệp không được nhận.",
		"Pages were added, removed or reordered while signing. The file is not taken."},
	"returned.annotation": {
		"Chú thích trên trang {0} đã bị thêm, bớt hoặc sửa khi ký. Tệp không được nhận.",
		"Annotations on page {0} were added, removed or changed while signing. The file is not taken."},
	"returned.large-mark": {
		"Hình chữ ký chiếm hơn một phần tư trang {0} và có thể che nội dung. Hãy ký lại với hình nhỏ hơn.",
		"The mark of the signature takes more than a quarter of page {0} and may hide content. Sign again with a smaller one."},
	"returned.script": {
		"Mã lệnh hoặc hành động đã được thêm vào tài liệu khi ký. Tệp không được nhận.",
		"Scripts or actions were added to the document while signing. The file is not taken."},
	"returned.field": {
		"Biểu mẫu hoặc trường của tài liệu đã bị thay đổi khi ký. Tệp không được nhận.",
		"The document's form or a field was changed while signing. The file is not taken."},
	"returned.evidence": {
		"Bằng chứng xác thực của các chữ ký trước đã bị bỏ hoặc sửa khi ký. Tệp không được nhận.",
		"Evidence of earlier signatures was removed or altered while signing. The file is not taken."},
	"returned.description": {
		"Tên, tác giả hoặc mô tả của tài liệu đã bị sửa. Tệp không được nhận.",
		"Title, author or other description of the document was changed. The file is not taken."},
	"returned.ambiguous": {
		"Phần thêm vào khi ký được viết theo cách mà mỗi phần mềm đọc một khác. Tệp không được nhận.",
		"What was added by signing is written so that programs read it differently. The file is not taken."},
	"returned.changed": {
		"Khi ký, tài liệu bị thay đổi nhiều hơn một chữ ký cần. Tệp không được nhận.",
		"While signing, the document was changed beyond what a signature needs. The file is not taken."},
	"returned.partial": {
		"Chữ ký mới không bao trùm toàn bộ tài liệu đã gửi đi ký. Hãy ký lại.",
		"The new signature does not cover the whole document that was sent. Sign again."},
	"returned.broken": {
		"Chữ ký mới không khớp với tài liệu. Hãy ký lại.",
		"The new signature does not fit the document. Sign again."},
	"returned.signer": {
		"Người ký là “{0}”, không phải người được giao ký. Hãy dùng đúng thiết bị ký.",
		"“{0}” signed, who is not the one asked to. Use the right token."},
	"returned.certifies": {
		"Chữ ký thuộc loại chứng nhận hoặc khóa tài liệu, cấm những người sau ký tiếp. Hãy ký lại bằng chữ ký thường.",
		"The signature certifies or locks the document, which forbids others to sign after it. Sign again with an ordinary one."},
	"returned.expired": {
		"Chứng thư của “{0}” không còn hoặc chưa có hiệu lực. Hãy gia hạn chứng thư.",
		"The certificate of “{0}” is no longer valid, or not yet. Renew it."},
	"returned.revoked": {
		"Chứng thư của “{0}” đã bị thu hồi.",
		"The certificate of “{0}” was revoked."},
	"returned.usage": {
		"Chứng thư của “{0}” không dùng để ký tài liệu.",
		"The certificate of “{0}” is not for signing documents."},
	"returned.untrusted": {
		"Chứng thư của “{0}” không do tổ chức chứng thực được tin cậy cấp.",
		"The certificate of “{0}” is not from an authority that is trusted here."},
	"returned.weak": {
		"Chữ ký của “{0}” dùng khóa hoặc thuật toán không đủ mạnh. Hãy cập nhật phần mềm ký.",
		"The signature of “{0}” uses a key or an algorithm that is too weak. Update the signing program."},
	"returned.trailing": {
		"Sau chữ ký của “{0}” còn dữ liệu lạ. Hãy ký và gửi lại.",
		"Foreign bytes follow the signature of “{0}”. Sign and send it again."},
	"returned.invalid": {
		"Chữ ký của “{0}” chưa đủ căn cứ để nhận là hợp lệ.",
		"There are not enough grounds to take the signature of “{0}” as valid."},
	"verify.no-base": {
		"Tài liệu gửi đi ký không phải là một phiên bản trọn vẹn của tệp PDF.",
		"The document that was sent is not a whole revision of the PDF file."},
	"sign.moved": {
		"Không ký: mọi trang đã chuyển sang tài liệu khác. Bản gốc vẫn được lưu trữ.",
		"Not signed: all pages were moved to other documents. The original is kept."},
	"file.unknown": {
		"Tài liệu {0} chưa có bản “{1}”.",
		"Document {0} has no “{1}” rendition yet."},
	"file.empty": {
		"Tệp “{0}” rỗng. Hãy quét lại hoặc chọn tệp khác.",
		"File “{0}” is empty. Scan again or choose another file."},
	"file.too-large": {
		"Tệp “{0}” lớn hơn giới hạn {1}. Hãy tách tệp ra.",
		"File “{0}” is larger than the limit of {1}. Split it."},
	"file.type": {
		"Tệp “{0}” không phải JPEG, PNG, TIFF, WebP, HEIC hoặc PDF (nội dung là {1}). Hãy lưu lại đúng định dạng.",
		"File “{0}” is not JPEG, PNG, TIFF, WebP, HEIC or PDF (its content is {1}). Save it in one of these formats."},
	"file.unreadable": {
		"Không đọc được tệp “{0}”.",
		"File “{0}” cannot be read."},
	"file.incomplete": {
		"Tải lên “{0}” bị ngắt giữa chừng; chưa có gì được lưu. Hãy gửi lại.",
		"The upload of “{0}” was cut off; nothing was kept. Send it again."},
	"image.damaged": {
		"Ảnh bị hỏng hoặc bị cắt cụt. Bản gốc vẫn được giữ; hãy quét lại.",
		"The image is damaged or cut short. The original is kept; scan it again."},
	"image.unsupported": {
		"Không giải mã được loại ảnh này ({0}). Bản gốc vẫn được giữ; hãy xuất ra JPEG hoặc PNG rồi nộp lại.",
		"This kind of image ({0}) cannot be decoded. The original is kept; export it as JPEG or PNG and submit that."},
	"image.too-many-pixels": {
		"Ảnh có {0}×{1} điểm ảnh, vượt giới hạn {2} triệu. Hãy quét ở độ phân giải thấp hơn.",
		"The image has {0}×{1} pixels, more than the limit of {2} million. Scan at a lower resolution."},
	"pdf.damaged": {
		"Tệp PDF bị hỏng, không mở được. Bản gốc vẫn được giữ; hãy xuất hoặc quét lại.",
		"The PDF is damaged and cannot be opened. The original is kept; export or scan it again."},
	"pdf.encrypted": {
		"Tệp PDF được đặt mật khẩu. Hãy bỏ mật khẩu rồi nộp lại.",
		"The PDF is protected by a password. Remove the password and submit it again."},
	"pdf.page-size": {
		"Trang {0} có khổ giấy không hợp lệ.",
		"Page {0} has an impossible paper size."},
	"pdf.page-damaged": {
		"Không dựng được trang {0} của tệp PDF. Bản gốc vẫn được giữ; hãy xuất hoặc quét lại.",
		"Page {0} of the PDF cannot be drawn. The original is kept; export or scan it again."},
	"file.timeout": {
		"Mở tệp quá {0} nên đã dừng. Bản gốc vẫn được giữ; hãy xuất hoặc quét lại.",
		"Opening the file took longer than {0} and was stopped. The original is kept; export or scan it again."},
	"file.crash": {
		"Tiến trình mở tệp bị dừng đột ngột.",
		"The process opening the file died."},
	"document.too-many-pages": {
		"Tài liệu có {0} trang, vượt giới hạn {1}. Hãy tách thành nhiều tệp.",
		"The document has {0} pages, more than the limit of {1}. Split it into several files."},
	"page.timeout": {
		"Trang {0} xử lý quá {1} nên đã dừng.",
		"Page {0} took longer than {1} and was stopped."},
	"page.crash": {
		"Tiến trình xử lý trang {0} bị dừng đột ngột.",
		"The process working on page {0} died."},
	"ocr.model-missing": {
		"Thiếu mô hình nhận dạng “{0}”. Hãy cài gói tesseract-ocr-{0} hoặc đặt SOHOA_TESSDATA.",
		"The recognition model “{0}” is missing. Install the package tesseract-ocr-{0} or set SOHOA_TESSDATA."},
	"store.full": {
		"Hết chỗ trên đĩa. Hãy giải phóng dung lượng rồi thử lại; chưa có gì bị mất.",
		"The disk is full. Free some space and try again; nothing was lost."},
	"store.unavailable": {
		"Kho lưu trữ không trả lời. Chưa có gì bị mất; hãy thử lại sau.",
		"The object store does not answer. Nothing was lost; try again later."},
	"store.slow": {
		"Kho lưu trữ đang quá tải và từ chối tạm thời. Chưa có gì bị mất; hệ thống tự thử lại.",
		"The object store is overloaded and asks to wait. Nothing was lost; it is tried again."},
	"store.refused": {
		"Kho lưu trữ từ chối. Hãy kiểm tra khóa truy cập, khóa bí mật và quyền của chúng trên bucket (s3_access_key, s3_secret_key).",
		"The object store refuses. Check the access key, the secret key and their rights on the bucket (s3_access_key, s3_secret_key)."},
	"store.clock": {
		"Kho lưu trữ từ chối vì đồng hồ của máy này lệch so với đồng hồ của kho. Hãy đồng bộ giờ (NTP) rồi thử lại.",
		"The object store refuses because the clock of this machine differs from its own. Set both by NTP and try again."},
	"store.certificate": {
		"Chứng thư TLS của kho lưu trữ không được tin cậy. Hãy đặt s3_ca là tệp chứng thư của nơi cấp, và kiểm tra tên máy chủ.",
		"The TLS certificate of the object store is not trusted. Set s3_ca to the certificate file of its issuer, and check the host name."},
	"store.locked": {
		"Kho lưu trữ giữ khóa (Object Lock) cho tệp này nên chưa thể sửa hoặc xóa, dù là quản trị viên.",
		"The object store keeps this file under Object Lock: it cannot be changed or removed yet, by administrators neither."},
	"store.overtaken": {
		"Một tiến trình khác vừa ghi {0} vào kho lưu trữ. Không có gì bị ghi đè; hãy thử lại.",
		"Another process has just written {0} to the object store. Nothing was overwritten; try again."},
	"store.unsupported": {
		"Bucket {0} không hỗ trợ {1} như cấu hình yêu cầu. Hãy chọn bucket khác hoặc sửa cấu hình.",
		"Bucket {0} does not support {1}, which the settings ask for. Choose another bucket or change the setting."},
	"store.missing": {
		"Thiếu tệp {0} trong kho lưu trữ.",
		"File {0} is missing from the object store."},
	"store.changed": {
		"Tệp {0} trong kho lưu trữ đã bị thay đổi.",
		"File {0} in the object store has been altered."},
	"copy.none": {
		"Chưa cấu hình kho thứ hai (second_store).",
		"No second store is configured (second_store)."},
	"copy.same-place": {
		"Kho thứ hai trùng nơi với kho thứ nhất, hoặc nằm trong đó. Hãy chọn thư mục ở ổ đĩa khác hoặc bucket khác.",
		"The second store is at the same place as the first one, or inside it. Choose a folder on another disk, or another bucket."},
	"copy.other-store": {
		"Kho thứ hai không phải là kho đã dùng trước đây: có thể ổ đĩa chưa được gắn. Hãy gắn lại; nếu kho đã được thay, hãy xác nhận dùng kho mới ở trang Lưu trữ hoặc bằng lệnh sohoa copy --adopt.",
		"The second store is not the one that was used: perhaps its disk is not mounted. Mount it; if the store was replaced, confirm the new one on the page Archive, or with sohoa copy --adopt."},
	"copy.repairing": {
		"Đang sửa chữa các bản lưu. Hãy đợi xong.",
		"The copies are being repaired. Wait until that is done."},
	"copy.folder": {
		"Không có thư mục {0} của kho thứ hai. Hãy tạo hoặc gắn ổ đĩa; thư mục này không được tạo tự động.",
		"The folder {0} of the second store is not there. Make it, or mount its disk; it is not made by itself."},
	"copy.differs": {
		"Hai bản lưu của {0} khác nhau từ gốc nên không chép đè. Hãy chạy sohoa fixity {0} và xem lại từng bản.",
		"The two copies of {0} are not versions of one object, so nothing was overwritten. Run sohoa fixity {0} and look at each."},
	"store.extra": {
		"Có tệp lạ {0} trong kho lưu trữ, không thuộc tài liệu nào.",
		"There is a foreign file {0} in the object store that belongs to no document."},
	"store.malformed": {
		"Danh mục {0} trong kho lưu trữ bị hỏng hoặc bị cắt cụt. Hãy khôi phục từ bản sao thứ hai.",
		"The inventory {0} in the object store is damaged or cut short. Restore it from the second copy."},
	"vault.no-key": {
		"Kho lưu trữ này được mã hóa mà chưa có khóa. Hãy đặt encrypt_key là tệp khóa của {0}. Không có khóa thì không đọc được tài liệu; chưa có gì bị mất.",
		"This archive is encrypted and there is no key. Set encrypt_key to the key file of {0}. Without the key no document can be read; nothing was lost."},
	"vault.wrong-key": {
		"Khóa trong encrypt_key là của {0}, không mở được những gì đã mã hóa cho {1}. Hãy thêm khóa đó vào tệp khóa.",
		"The key in encrypt_key is that of {0}; it does not open what was encrypted to {1}. Add that key to the key file."},
	"vault.closed": {
		"Tệp {0} được mã hóa cho một khóa không có ở đây.",
		"File {0} is encrypted to a key that is not here."},
	"vault.key-file": {
		"encrypt_key không phải là tệp khóa age đọc được. Hãy tạo tệp bằng “sohoa key new TỆP”.",
		"encrypt_key is no age key file that can be read. Make one with “sohoa key new FILE”."},
	"vault.recipient": {
		"encrypt_to có “{0}” không dùng được làm người nhận age (age1…).",
		"encrypt_to has “{0}”, which cannot be used as an age recipient (age1...)."},
	"vault.recipients": {
		"encrypt_to và encrypt_key có quá {0} khóa nhận.",
		"encrypt_to and encrypt_key name more than {0} recipients."},
	"vault.no-key-set": {
		"encrypt_to được đặt mà không có encrypt_key: sohoa sẽ không đọc lại được những gì nó mã hóa. Hãy đặt cả hai.",
		"encrypt_to is set without encrypt_key: sohoa could not read what it encrypts. Set both."},
	"vault.key-there": {
		"Tệp {0} đã có. Khóa cũ có thể đang cần để đọc kho lưu trữ; hãy chọn tên khác.",
		"File {0} is there already. An old key may be needed to read the archive; choose another name."},
	"vault.keeper": {
		"Nơi giữ khóa mã hóa không trả lời. Chưa có gì bị mất; hãy thử lại sau.",
		"What keeps the encryption key does not answer. Nothing was lost; try again later."},
	"data.unwritable": {
		"Không ghi được vào thư mục dữ liệu {0}. Hãy kiểm tra quyền hoặc chọn --data khác.",
		"The data folder {0} cannot be written. Check its permissions or choose another with --data."},
	"data.busy": {
		"Một tiến trình sohoa khác đang dùng thư mục dữ liệu {0}. Hãy dừng nó rồi chạy lại lệnh này.",
		"Another sohoa process is using the data folder {0}. Stop it and run this command again."},
	"database.address": {
		"Địa chỉ cơ sở dữ liệu không hợp lệ. Dạng đúng: postgres://người-dùng@máy-chủ/tên.",
		"The address of the database is not valid. It looks like postgres://user@host/name."},
	"database.unavailable": {
		"Cơ sở dữ liệu không trả lời. Chưa có gì bị mất; hãy thử lại sau.",
		"The database does not answer. Nothing was lost; try again later."},
	"database.refused": {
		"Cơ sở dữ liệu từ chối kết nối. Hãy kiểm tra tên, mật khẩu và quyền của người dùng cơ sở dữ liệu.",
		"The database refused. Check the name, password and rights of the database user."},
	"database.demo": {
		"Bản trình diễn chỉ chạy với cơ sở dữ liệu trong thư mục dữ liệu. Hãy bỏ --database.",
		"The demonstration runs with the database in the data folder only. Leave out --database."},
	"database.local-store": {
		"Nhiều tiến trình dùng chung cơ sở dữ liệu phải dùng chung kho lưu trữ. Hãy đặt --store=s3.",
		"Processes that share a database must share the object store. Set --store=s3."},
	"listen.in-use": {
		"Địa chỉ {0} đang được chương trình khác sử dụng. Hãy chọn --listen khác.",
		"Address {0} is in use by another program. Choose another with --listen."},
	"sign.no-key": {
		"Chưa cấu hình khóa ký.",
		"No signing key is configured."},
	"sign.password": {
		"Sai mật khẩu của khóa {0}.",
		"Wrong password for key {0}."},
	"sign.key": {
		"Không dùng được khóa {0}.",
		"Key {0} cannot be used."},
	"sign.refused": {
		"Tài liệu này không cho phép ký thêm: {0}.",
		"This document permits no further signature: {0}."},
	"sign.key-mismatch": {
		"Khóa và chứng thư của {0} không thuộc về nhau.",
		"The key and the certificate of {0} do not belong together."},
	"sign.key-expired": {
		"Chứng thư của {0} chỉ có hiệu lực từ {1} đến {2}. Hãy dùng chứng thư còn hiệu lực.",
		"The certificate of {0} is valid from {1} to {2} only. Use one that is valid."},
	"sign.key-usage": {
		"Chứng thư của {0} không dùng để ký văn bản.",
		"The certificate of {0} is not for signing documents."},
	"sign.key-weak": {
		"Khóa của {0} quá yếu: cần RSA từ 2048 bit, hoặc ECDSA P-256, P-384, P-521.",
		"The key of {0} is too weak: RSA of 2048 bits or more, or ECDSA P-256, P-384, P-521 is needed."},
	"sign.needs-tsa": {
		"Mức chữ ký {0} cần dấu thời gian: hãy cho biết máy chủ bằng --tsa.",
		"Signature level {0} needs a timestamp: name an authority with --tsa."},
	"sign.level": {
		"“{0}” không phải mức chữ ký: hãy chọn B-B, B-T, B-LT hoặc B-LTA.",
		"“{0}” is not a signature level: choose B-B, B-T, B-LT or B-LTA."},
	"sign.refused-encrypted": {
		"Không ký được: tệp PDF được mã hóa. Hãy bỏ mật khẩu trước khi ký.",
		"Not signed: the PDF is encrypted. Remove the password first."},
	"sign.refused-trailing": {
		"Không ký được: sau phần kết thúc của tệp PDF còn dữ liệu lạ. Hãy xuất lại tệp.",
		"Not signed: something follows the end of the PDF. Export it again."},
	"sign.refused-damaged": {
		"Không ký được: cấu trúc tệp PDF bị hỏng, mỗi phần mềm có thể hiển thị khác nhau. Hãy xuất lại tệp.",
		"Not signed: the structure of the PDF is damaged, so that programs may show it differently. Export it again."},
	"sign.refused-certified": {
		"Không ký được: người ký trước đã chứng thực tài liệu và không cho phép thay đổi nào.",
		"Not signed: an earlier signer certified the document and permits no change."},
	"sign.refused-locked": {
		"Không ký được: người ký trước đã khóa trường “{0}”.",
		"Not signed: an earlier signer locked the field “{0}”."},
	"sign.field-taken": {
		"Trường “{0}” đã được ký hoặc không phải trường chữ ký. Hãy chọn tên khác.",
		"Field “{0}” is signed already or is not a signature field. Choose another name."},
	"sign.field-rules": {
		"Trường chữ ký “{0}” đặt điều kiện cho người ký; hiện chưa hỗ trợ.",
		"The signature field “{0}” sets conditions for its signer, which are not supported yet."},
	"sign.no-page": {
		"Tài liệu không có trang để đặt dấu chữ ký.",
		"The document has no such page for the signature's mark."},
	"sign.no-room": {
		"Trang quá nhỏ hoặc không còn chỗ cho dấu hiệu chữ ký.",
		"The page is too small or too full for the signature's mark."},
	"sign.mark-kind": {
		"Không có loại dấu hiệu chữ ký hay góc trang “{0}”.",
		"There is no kind of mark or corner “{0}”."},
	"sign.mark-image": {
		"Dấu hiệu chữ ký này cần một ảnh PNG nền trong suốt, tối đa 512 KiB và 2 triệu điểm ảnh; dấu rộng từ 10 đến 60 mm.",
		"This mark needs a PNG image with a transparent background, of at most 512 KiB and 2 million pixels; a seal is 10 to 60 mm wide. Marks of text take none."},
	"sign.mark-text": {
		"Dấu hiệu chữ ký thiếu nội dung hoặc nội dung quá dài.",
		"The mark lacks some of its text, or has too much."},
	"sign.mark-qr": {
		"Mã QR của dấu hiệu chữ ký phải là địa chỉ http hoặc https, tối đa 200 ký tự.",
		"The QR code of a mark must be an http or https address of at most 200 letters."},
	"sign.mark-place": {
		"Khung đặt dấu hiệu chữ ký nằm ngoài trang.",
		"The rectangle for the mark is not on the page."},
	"sign.mark-signature": {
		"Không tìm thấy chữ ký của người có thẩm quyền để đóng dấu lên. Hãy chọn chỗ đặt dấu.",
		"There is no person's signature to set the seal over. Say where it goes."},
	"sign.expired": {
		"Yêu cầu ký đã hết hạn. Hãy ký lại.",
		"The request for a signature has expired. Sign again."},
	"sign.changed": {
		"Tài liệu đã thay đổi sau khi chuẩn bị ký. Hãy ký lại.",
		"The document changed after the signature was prepared. Sign again."},
	"testca.url": {
		"Địa chỉ {0} của tổ chức chứng thực thử nghiệm phải có dạng http://127.0.0.1:CỔNG.",
		"The address {0} of a test authority must be like http://127.0.0.1:PORT."},
	"testca.fault": {
		"Không có kiểu lỗi “{0}”. Các kiểu lỗi: {1}.",
		"There is no fault “{0}”. The faults: {1}."},
	"testca.stranger": {
		"Chứng thư của {0} không do tổ chức chứng thực thử nghiệm này cấp.",
		"This test authority did not issue the certificate of {0}."},
	"sign.base": {
		"Tệp đang lưu không phải tệp đã ghi nhận khi lưu trữ. Hãy kiểm tra kho lưu trữ.",
		"The stored file is not the one that was noted when it was stored. Check the storage."},
	"sign.reserve": {
		"Chữ ký hoặc dấu thời gian lớn hơn chỗ đã dành sẵn trong tệp.",
		"The signature or its timestamp is larger than the room kept in the file."},
	"sign.no-tsa": {
		"Đã ký, nhưng chưa cấu hình máy chủ cấp dấu thời gian.",
		"Signed, but no timestamp authority is configured."},
	"sign.tsa-answer": {
		"Đã ký, đang chờ dấu thời gian: câu trả lời của máy chủ {0} không đáng tin cậy.",
		"Signed, awaiting a timestamp: the answer of the authority at {0} cannot be trusted."},
	"sign.not-waiting": {
		"Tài liệu không có chữ ký nào đang chờ dấu thời gian.",
		"The document has no signature that waits for a timestamp."},
	"sign.tsa-unavailable": {
		"Đã ký, đang chờ dấu thời gian: máy chủ {0} không trả lời.",
		"Signed, awaiting a timestamp: the authority at {0} does not answer."},
	"sign.tsa-rests": {
		"Đã ký, đang chờ dấu thời gian: máy chủ {0} vừa không trả lời được, hệ thống tạm nghỉ trước khi hỏi lại.",
		"Signed, awaiting a timestamp: the authority at {0} failed a moment ago and will be asked again after a pause."},
	"sign.no-evidence": {
		"Chưa cấu hình nơi lấy bằng chứng về chứng thư: cần --trust.",
		"Nothing is configured to collect evidence about certificates with: --trust is needed."},
	"sign.unsigned": {
		"Tài liệu chưa có chữ ký nào để bổ sung bằng chứng.",
		"The document has no signature to which evidence could be added."},
	"sign.untimed": {
		"Chữ ký chưa có dấu thời gian nên chưa thể bổ sung bằng chứng.",
		"The signature has no timestamp yet, so evidence cannot be added."},
	"sign.unsound": {
		"Chữ ký hoặc dấu thời gian trong tài liệu không hợp lệ, không bổ sung bằng chứng.",
		"A signature or timestamp in the document is not sound; no evidence was added."},
	"sign.evidence-chain": {
		"Đã ký, chưa đủ bằng chứng: chứng thư của {0} không dẫn đến chứng thư gốc nào đã cấu hình.",
		"Signed, without lasting evidence: the certificate of {0} leads to no configured root."},
	"sign.evidence-none": {
		"Đã ký, chưa đủ bằng chứng: chứng thư của {0} không cho biết hỏi tình trạng thu hồi ở đâu.",
		"Signed, without lasting evidence: the certificate of {0} does not say whom to ask about revocation."},
	"sign.evidence-refused": {
		"Đã ký, chưa đủ bằng chứng: máy chủ {0} không nằm trong danh sách được phép hỏi.",
		"Signed, without lasting evidence: {0} is not among the hosts that may be asked."},
	"sign.evidence-unavailable": {
		"Đã ký, đang chờ bằng chứng: máy chủ {0} không trả lời.",
		"Signed, awaiting evidence: {0} does not answer."},
	"sign.evidence-answer": {
		"Đã ký, chưa đủ bằng chứng: câu trả lời của {0} về chứng thư không đáng tin cậy.",
		"Signed, without lasting evidence: the answer of {0} about a certificate cannot be trusted."},
	"sign.evidence-early": {
		"Đã ký, đang chờ bằng chứng: thông tin thu hồi về chứng thư của {0} có trước thời điểm ký; thông tin mới có sau {1}.",
		"Signed, awaiting evidence: what is known about the certificate of {0} is older than the signature; news is due by {1}."},
	"sign.evidence-late": {
		"Đã quá muộn để bổ sung bằng chứng: chứng thư của {0} hết hạn ngày {1}, từ đó không ai phải cho biết nó có bị thu hồi hay không.",
		"Too late for lasting evidence: the certificate of {0} ended on {1}; since then nobody has to tell whether it was revoked."},
	"sign.evidence-revoked": {
		"Chứng thư của {0} đã bị thu hồi ngày {1}; chữ ký không có giá trị lâu dài.",
		"The certificate of {0} was revoked on {1}; the signature has no lasting value."},
	"sign.evidence-full": {
		"Tài liệu đã chứa quá nhiều bằng chứng.",
		"The document holds too much evidence already."},
	"sign.self-check": {
		"Chữ ký vừa tạo không qua được kiểm tra nên không được dùng.",
		"The signature just made did not pass verification and is not used."},
	"verify.not-pdf": {
		"Tệp này không phải PDF nên không có chữ ký để kiểm tra.",
		"This file is not a PDF, so it has no signature to check."},
	"verify.no-field": {
		"Không có chữ ký nào tên “{0}” trong tệp.",
		"The file has no signature named “{0}”."},
	"verify.no-revision": {
		"Chữ ký “{0}” không bao trùm trọn vẹn phiên bản nào của tệp, nên không có bản đã ký để tải.",
		"Signature “{0}” covers no whole revision of the file, so there is no signed revision to give out."},
	"verify.too-large": {
		"Tệp lớn hơn giới hạn {0} MiB của việc kiểm tra chữ ký.",
		"The file is larger than the limit of {0} MiB for checking signatures."},
	"verify.too-complex": {
		"Cấu trúc tệp PDF vượt giới hạn nên không kiểm tra được chữ ký.",
		"The structure of the PDF exceeds a bound, so its signatures cannot be checked."},
	"query.too-long": {
		"Câu tìm kiếm quá dài (tối đa {0} ký tự).",
		"The query is too long (at most {0} characters)."},
	"query.after": {
		"Không đi tiếp được từ trang kết quả này. Hãy tìm lại từ đầu.",
		"The results cannot be continued from this page. Search again from the start."},
	"query.empty": {
		"Hãy nhập từ cần tìm.",
		"Type something to search for."},
	"search.rebuilding": {
		"Chỉ mục đang được dựng lại; kết quả có thể chưa đủ.",
		"The index is being rebuilt; results may be incomplete."},
	"search.locked": {
		"Chỉ mục trong {0} đang được một tiến trình khác giữ. Hãy dừng tiến trình đó trước.",
		"The index in {0} is held by another process. Stop that process first."},
	"user.sign-in": {
		"Sai tên đăng nhập hoặc mật khẩu.",
		"Wrong user name or password."},
	"user.password-short": {
		"Mật khẩu cần ít nhất {0} ký tự.",
		"The password needs at least {0} characters."},
	"user.link": {
		"Liên kết này đã dùng hoặc đã hết hạn.",
		"This link was used already or has expired."},
	"user.required": {
		"Hãy đăng nhập để tiếp tục.",
		"Sign in to continue."},
	"user.exists": {
		"Đã có người dùng “{0}”.",
		"User “{0}” exists already."},
	"user.name": {
		"Tên đăng nhập “{0}” không hợp lệ: dùng 2 đến 60 chữ thường không dấu, chữ số, dấu chấm, gạch ngang, gạch dưới.",
		"“{0}” is not a user name: use 2 to 60 lower-case letters without marks, digits, dots, hyphens and underscores."},
	"user.full-name": {
		"Hãy nhập họ tên, không quá 200 ký tự.",
		"Give the full name, at most 200 characters."},
	"user.roles": {
		"Hãy chọn ít nhất một vai trò trong: {0}.",
		"Choose at least one role of: {0}."},
	"user.whole": {
		"Hãy chọn cơ quan: chỉ quản trị viên, lưu trữ và thanh tra được gắn với toàn hệ thống.",
		"Choose an agency: only administrators, archivists and inspectors can be of the whole installation."},
	"request.too-many": {
		"Quá nhiều lần thử. Hãy đợi một lát rồi thử lại.",
		"Too many attempts. Wait a little and try again."},
	"request.cross-origin": {
		"Yêu cầu đến từ một trang khác nên bị từ chối. Hãy mở lại trang này rồi thử lại.",
		"The request came from another site and was refused. Open this page again and retry."},
	"request.invalid": {
		"Yêu cầu không hợp lệ.",
		"The request is not valid."},
	"path.unknown": {
		"Không có trang này, hoặc bạn không được xem.",
		"There is no such page, or you may not see it."},
	"page.unknown": {
		"Tài liệu không có trang {0}.",
		"The document has no page {0}."},
	"dossier.owner": {
		"Hãy nhập tên chủ hồ sơ (không quá 300 ký tự); trích yếu không quá 1000 ký tự.",
		"Give the owner's name (at most 300 characters); the subject has at most 1000."},
	"dossier.id-number": {
		"Số định danh “{0}” không hợp lệ: chỉ gồm chữ số, không quá 20.",
		"“{0}” is not an identity number: digits only, at most 20."},
	"agency.unknown": {
		"Không có cơ quan “{0}”. Hãy kiểm tra mã; cơ quan mới được nhập bằng lệnh sohoa agency add.",
		"There is no agency “{0}”. Check the code; a new agency is entered with sohoa agency add."},
	"forbidden": {
		"Bạn không có quyền làm việc này.",
		"You are not permitted to do this."},

	// Packages, and copies given to users.
	"package.zip": {
		"Đây không phải tệp ZIP đọc được. Hãy chọn gói tin E-ARK dạng ZIP hoặc thư mục.",
		"This is no ZIP file that can be read. Choose an E-ARK package as a ZIP file or a folder."},
	"package.name": {
		"Gói tin có tên tệp không an toàn: {0}. Gói tin bị từ chối; hãy yêu cầu bên gửi tạo lại.",
		"The package has an unsafe file name: {0}. It is refused; ask the sender to make it again."},
	"package.bound": {
		"Gói tin vượt giới hạn: {0} là {1}, tối đa {2}. Hãy yêu cầu bên gửi chia nhỏ gói tin.",
		"The package exceeds a bound: {0} is {1}, at most {2} is taken. Ask the sender to divide it."},
	"package.no-mets": {
		"Gói tin không có tệp METS.xml ở thư mục gốc nên không phải gói tin E-ARK.",
		"The package has no METS.xml at its top, so it is no E-ARK package."},
	"package.missing": {
		"Gói tin thiếu tệp {0} mà METS.xml có ghi.",
		"The package lacks the file {0} that METS.xml lists."},
	"package.damaged": {
		"Không đọc được tệp {0} của gói tin.",
		"The file {0} of the package cannot be read."},
	"package.xml": {
		"Tệp {0} của gói tin không đúng dạng XML cần có.",
		"The file {0} of the package is not the XML that it has to be."},
	"package.kind": {
		"Chỉ nhận gói tin SIP hoặc AIP; gói tin này ghi loại “{0}”.",
		"Only SIP and AIP packages are taken; this one says to be “{0}”."},
	"package.no-checksum": {
		"METS.xml không ghi giá trị băm kiểm tra được của tệp {0}.",
		"METS.xml has no digest of the file {0} that can be checked."},
	"package.digest": {
		"Tệp {0} của gói tin đã bị thay đổi: giá trị băm không khớp với METS.xml.",
		"The file {0} of the package was altered: its digest is not the one in METS.xml."},
	"package.unlisted": {
		"Gói tin có tệp {0} không được ghi trong METS.xml.",
		"The package has a file {0} that METS.xml does not list."},
	"package.empty": {
		"Gói tin không có tài liệu nào.",
		"There is no document in the package."},
	"export.purpose": {
		"Hãy ghi mục đích, không quá 1000 ký tự. Mục đích được lưu trong nhật ký.",
		"State the purpose, in at most 1000 characters. It is kept in the journal."},
	"export.what": {
		"Hãy chọn một tài liệu, một hồ sơ hoặc một năm để xuất.",
		"Choose a document, a dossier or a year to export."},
	"export.not-kept": {
		"Tài liệu {0} chưa được lưu trữ nên chưa xuất hoặc sao được. Hãy chờ hoặc xử lý lý do tạm dừng.",
		"Document {0} is not kept yet, so it cannot be exported or copied. Wait, or settle why it stopped."},
	"export.empty": {
		"Hồ sơ {0} không có tài liệu nào để xuất.",
		"Dossier {0} has no document to export."},
	"export.none": {
		"Không có hồ sơ nào của năm {0} để xuất.",
		"There is no dossier of {0} to export."},
	"import.dossier": {
		"Hồ sơ {0} thuộc đơn vị khác; bạn không được nhập gói tin vào đó.",
		"Dossier {0} belongs to another office; you may not import into it."},
	"import.agency": {
		"Gói tin thuộc đơn vị “{0}” mà bạn không được nhập. Hãy chọn một hồ sơ có sẵn của đơn vị bạn.",
		"The package belongs to the office “{0}”, for which you may not import. Choose a dossier of your own office."},
	"copy.kind": {
		"Không có loại bản sao “{0}”. Các loại: reading, plain, certified, dip.",
		"There is no kind of copy “{0}”. The kinds are reading, plain, certified and dip."},
	"copy.no-pdf": {
		"Tài liệu {0} không có bản PDF để sao.",
		"Document {0} has no PDF rendition to copy."},
	"copy.force-not-yet": {
		"Không cấp bản sao chứng thực vì tài liệu {0} chưa có hiệu lực. Có thể cấp bản sao thường hoặc bản đọc.",
		"No certified copy is given, because document {0} is not in force yet. A plain copy or a reading copy can be given."},
	"copy.force-expired": {
		"Không cấp bản sao chứng thực vì tài liệu {0} đã hết hiệu lực. Có thể cấp bản sao thường hoặc bản đọc.",
		"No certified copy is given, because document {0} is expired. A plain copy or a reading copy can be given."},
	"copy.force-revoked": {
		"Không cấp bản sao chứng thực vì tài liệu {0} đã bị hủy hiệu lực. Có thể cấp bản sao thường hoặc bản đọc.",
		"No certified copy is given, because document {0} is revoked. A plain copy or a reading copy can be given."},
	"copy.force-replaced": {
		"Không cấp bản sao chứng thực vì tài liệu {0} đã được thay thế. Có thể cấp bản sao thường hoặc bản đọc.",
		"No certified copy is given, because document {0} is replaced by another. A plain copy or a reading copy can be given."},
	"copy.no-agency": {
		"Hồ sơ {0} không thuộc đơn vị nào nên không có tên cơ quan để ghi trên bản đọc.",
		"Dossier {0} belongs to no office, so there is no name to put on a reading copy."},
	"copy.no-key": {
		"Cơ quan chưa có khóa ký trên máy chủ này nên không cấp được bản sao chứng thực.",
		"The office has no signing key on this server, so no certified copy can be made."},
	"copy.days": {
		"Bản đọc có thời hạn từ 1 đến {0} ngày.",
		"A reading copy is open for 1 to {0} days."},
	"copy.ended": {
		"Bản đọc này đã hết hạn lúc {0}. Hãy liên hệ cơ quan đã cấp nếu cần đọc tiếp.",
		"This reading copy ended at {0}. Ask the office that issued it if you need to read on."},
	"copy.unknown": {
		"Không có bản đọc nào ở địa chỉ này. Hãy kiểm tra lại liên kết.",
		"There is no reading copy at this address. Check the link."},
	"copy.sealed": {
		"Tài liệu {0} không cho phép thêm chữ lên trang nên không sao được. Có thể cấp gói tin DIP.",
		"Document {0} does not let anything be drawn on its pages. A DIP can be given."},
}
