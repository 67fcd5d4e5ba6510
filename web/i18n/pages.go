package i18n

// made are the words for what was done to a page: where its image comes from,
// and how it went into each rendition. The keys end in constants of the root
// package.
var made = map[string]phrase{
	"source.image":    {"ảnh của chính tệp gốc", "the original file itself"},
	"source.frame":    {"điểm ảnh của tệp gốc, không mất mát", "the original's own pixels, without loss"},
	"source.direct":   {"ảnh quét nguyên vẹn trong PDF", "the scan inside the PDF, byte for byte"},
	"source.rendered": {"dựng từ trang PDF", "rendered from the PDF page"},

	"form.original": {"ảnh quét nguyên vẹn", "the scan itself"},
	"form.lossless": {"nén lại, không mất mát", "compressed again without loss"},
	"form.bitonal":  {"đen trắng, không mất mát", "black and white, without loss"},
	"form.layered":  {"tách lớp nét mực và nền", "parted into ink and paper"},
	"form.reduced":  {"ảnh nén thấp hơn", "an image of lower quality"},

	"reason.layer.photo":      {"phần lớn trang là hình ảnh, không phải nét chữ", "most of the page is picture, not writing"},
	"reason.layer.colour":     {"màu phủ quá nhiều diện tích trang", "colours cover too much of the page"},
	"reason.layer.faint":      {"có nhiều nét chì hoặc chữ mờ", "there is much pencil or faint writing"},
	"reason.layer.looks":      {"bản tách lớp trông khác ảnh quét", "in layers it did not look like the scan"},
	"reason.layer.reads":      {"bản tách lớp đọc ra khác ảnh quét", "in layers it did not read like the scan"},
	"reason.layer.no-smaller": {"tách lớp không nhỏ hơn ảnh quét", "in layers it would be no smaller"},
	"reason.layer.failed":     {"không tách lớp được trang này", "the page could not be taken apart"},
}

func init() { add(made) }
