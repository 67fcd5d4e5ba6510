package i18n

// sources say why a page's image is not what its file holds, by the codes of
// ingest/raster.
var sources = map[string]phrase{
	"reason.render.text":           {"Trang có chữ của chính tệp PDF", "The page has text of its own"},
	"reason.render.vector":         {"Trang có nét vẽ hoặc mảng màu", "Lines or areas are drawn on the page"},
	"reason.render.form":           {"Trang có lớp chèn thêm, như hình mờ", "The page has an inserted layer, like a watermark"},
	"reason.render.annotations":    {"Trang có ghi chú hoặc dấu chèn", "Notes or stamps were put on the page"},
	"reason.render.fields":         {"Trang có ô biểu mẫu hoặc hình chữ ký số", "The page has form fields or the mark of a signature"},
	"reason.render.empty":          {"Trang không vẽ gì", "Nothing is drawn on the page"},
	"reason.render.many-objects":   {"Trang có quá nhiều thành phần", "The page has too many parts"},
	"reason.render.several-images": {"Trang ghép từ nhiều ảnh rời", "The page is put together from several images"},
	"reason.render.part":           {"Ảnh chỉ chiếm một phần trang", "The image takes a part of the page only"},
	"reason.render.cropped":        {"Ảnh rộng hơn trang", "The image reaches beyond the page"},
	"reason.render.clipped":        {"Ảnh bị che một phần", "A part of the image is cut off"},
	"reason.render.masked":         {"Ảnh có vùng trong suốt", "The image has a mask"},
	"reason.render.skewed":         {"Ảnh được đặt nghiêng", "The image is placed at an angle"},
	"reason.render.mirrored":       {"Ảnh được đặt lật ngược", "The image is placed mirrored"},
	"reason.render.fax":            {"Điểm ảnh không vuông, như bản fax", "The pixels are not square, as those of a fax"},
	"reason.render.colours":        {"Màu của ảnh cần phần mềm PDF để hiển thị", "The image's colours need a PDF viewer"},
	"reason.render.look":           {"Ảnh bên trong khác với hình hiển thị", "The image inside differs from what is shown"},
	"reason.render.broken-image":   {"Ảnh bên trong bị hỏng hoặc cắt cụt", "The image inside is damaged or cut short"},
	"reason.render.pixels":         {"Ảnh bên trong quá lớn", "The image inside is too large"},

	"reason.image.converted": {"Đã chuyển sang định dạng xem được ở mọi nơi, không giảm chất lượng", "Converted to a format that is shown everywhere, without loss"},
	"reason.image.mirrored":  {"Đã lật ảnh theo yêu cầu của tệp, không giảm chất lượng", "Mirrored as the file asks, without loss"},
	"reason.image.reduced":   {"Ảnh chụp đã chuyển sang JPEG chất lượng cao", "The photograph was converted to JPEG of high quality"},
}

func init() { add(sources) }
