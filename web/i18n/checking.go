package i18n

import "maps"

// checking are the strings of what a check of signatures found.
var checking = map[string]phrase{
	"plain.passed":       {"Tài liệu này do %s ký, và còn nguyên như khi ký.", "This document was signed by %s, and is as it was when signed."},
	"plain.passed-since": {"Tài liệu này do %s ký. Sau chữ ký đầu tiên chỉ có thêm những gì được phép, xem bên dưới.", "This document was signed by %s. After the first signature only what is permitted was added; see below."},
	"plain.undecided":    {"Chưa thể nói chữ ký của %s là hợp lệ. Hãy hỏi lại nơi phát hành trước khi dùng.", "The signature of %s cannot be called valid. Ask who issued it before you rely on it."},
	"plain.failed":       {"Đừng dùng tệp này làm căn cứ.", "Do not rely on this file."},
	"plain.unsigned":     {"Tệp này không cho biết do ai phát hành và đã bị sửa hay chưa.", "The file does not prove who issued it, nor that it is unchanged."},

	"verify.revisions": {"%d phiên bản trong tệp", "revisions in the file: %d"},
	"verify.checked":   {"kiểm tra lúc %s", "checked at %s"},
	"verify.busy":      {"Đang kiểm tra…", "Checking…"},

	"sig.timestamp":       {"dấu thời gian của tài liệu", "document timestamp"},
	"sig.certifies":       {"chữ ký chứng thực", "certification"},
	"sig.when":            {"Thời điểm ký", "Signed"},
	"sig.covers":          {"Chữ ký bao trùm", "Covers"},
	"sig.covers-file":     {"toàn bộ tệp", "the whole file"},
	"sig.covers-revision": {"phiên bản %d trong %d phiên bản của tệp", "revision %d of the file's %d"},
	"sig.covers-nothing":  {"không phiên bản nào của tệp", "no revision of the file"},
	"sig.intact":          {"nội dung nguyên vẹn", "content intact"},
	"sig.not-intact":      {"nội dung KHÔNG được xác nhận", "content NOT confirmed"},
	"sig.since":           {"Sau khi ký", "Since then"},
	"sig.change":          {"Phiên bản %d:", "Revision %d:"},
	"sig.not-permitted":   {"không được phép", "not permitted"},
	"sig.unchanged":       {"không có gì thay đổi", "nothing was changed"},
	"sig.unknown-since":   {"không xác định được", "cannot be told"},
	"sig.details":         {"Chi tiết: chứng thư, gốc tin cậy, thu hồi", "Details: certificate, trusted root, revocation"},
	"sig.level":           {"Mức chữ ký", "Level"},
	"sig.chain":           {"Chuỗi chứng thư", "Certificate chain"},
	"sig.no-chain":        {"không dựng được", "none could be built"},
	"sig.root":            {"Gốc tin cậy", "Trusted root"},
	"sig.world":           {"nhóm", "world"},
	"sig.no-root":         {"không dẫn đến gốc tin cậy nào", "leads to no trusted root"},
	"sig.revocation":      {"Thu hồi chứng thư", "Revocation"},
	"sig.certificate":     {"Chứng thư", "Certificate"},
	"sig.issued-by":       {"do", "by"},
	"sig.algorithm":       {"Thuật toán", "Algorithm"},
	"sig.value-right":     {"giá trị chữ ký đúng với khóa", "value made by the certificate's key"},
	"sig.value-wrong":     {"giá trị chữ ký KHÔNG được xác nhận", "value NOT confirmed"},
	"sig.field":           {"Trường chữ ký", "Field"},
	"sig.remarks":         {"Ghi chú", "Remarks"},
	"sig.stamps":          {"Dấu thời gian kèm chữ ký", "Timestamps of the signature"},
	"sig.stamp-trusted":   {"tin cậy", "trusted"},
	"sig.stamp-untrusted": {"không tin cậy", "not trusted"},
	"sig.ignored":         {"Không tính bằng chứng khác:", "Other evidence does not count:"},
	"sig.download":        {"Tải đúng bản đã ký", "Download the revision that was signed"},
	"sig.gone":            {"Tệp đã chọn không còn là tệp vừa kiểm tra. Hãy chọn lại tệp.", "The chosen file is no longer the one that was checked. Choose it again."},

	"proof.none":                {"không rõ thời điểm", "no time is known"},
	"proof.signature-timestamp": {"theo dấu thời gian của chữ ký", "by the signature's timestamp"},
	"proof.document-timestamp":  {"theo dấu thời gian của tài liệu", "by the document's timestamp"},

	"level.B-B":   {"chữ ký, chưa có bằng chứng thời điểm", "signature, without proof of time"},
	"level.B-T":   {"có dấu thời gian", "with a timestamp"},
	"level.B-LT":  {"kèm bằng chứng để kiểm tra lâu dài", "with the evidence to check it for years"},
	"level.B-LTA": {"bằng chứng được dấu thời gian lưu trữ bảo vệ", "its evidence under an archival timestamp"},

	"revocation.not-checked": {"chưa kiểm tra: tệp không kèm bằng chứng dùng được", "not checked: the file has no usable evidence"},
	"revocation.good":        {"chưa bị thu hồi, theo bằng chứng trong tệp", "not revoked, by evidence in the file"},
	"revocation.on-hold":     {"ĐANG BỊ TẠM NGỪNG, theo bằng chứng trong tệp", "ON HOLD, by evidence in the file"},
	"revocation.outdated":    {"bằng chứng trong tệp cũ hơn thời điểm ký", "the evidence in the file is older than the signature"},
	"revocation.no-check":    {"không cần kiểm tra", "needs no check"},
	"revocation.anchor":      {"gốc tin cậy theo cấu hình", "trusted by configuration"},
	"revocation.revoked":     {"ĐÃ BỊ THU HỒI, theo bằng chứng trong tệp", "REVOKED, by evidence in the file"},
}

func init() { maps.Copy(phrases, checking) }
