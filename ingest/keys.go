package ingest

import (
	"fmt"

	"sohoa"
)

// Keys of the object store are made of identifiers and fixed words only
// (docs/format.md). Under work/ is what is not kept yet, under cache/ what
// can be made again from the original.
const (
	workPrefix  = "work/"
	cachePrefix = "cache/"
)

func workDir(id sohoa.DocumentID) string  { return workPrefix + id.String() + "/" }
func cacheDir(id sohoa.DocumentID) string { return cachePrefix + id.String() + "/" }

func originalKey(id sohoa.DocumentID) string { return workDir(id) + "original" }
func pdfKey(id sohoa.DocumentID) string      { return workDir(id) + "document.pdf" }
func signedKey(id sohoa.DocumentID) string   { return workDir(id) + "signed.pdf" }

func textKey(id sohoa.DocumentID, page int) string {
	return fmt.Sprintf("%stext/%04d.json", workDir(id), page)
}

func imageKey(id sohoa.DocumentID, page int) string {
	return fmt.Sprintf("%simage/%04d", cacheDir(id), page)
}

func thumbKey(id sohoa.DocumentID, page int) string {
	return fmt.Sprintf("%sthumb/%04d.jpg", cacheDir(id), page)
}

// extensions are the file name endings of what people bring.
var extensions = map[string]string{
	"image/jpeg":      ".jpg",
	"image/png":       ".png",
	"image/tiff":      ".tif",
	"image/webp":      ".webp",
	"image/heic":      ".heic",
	"application/pdf": ".pdf",
}

// logicalPath is the name of a file inside its preserved object; empty for an
// image that can be made again. Whatever has the bytes of the original is the
// original.
func logicalPath(f sohoa.File, doc sohoa.Document) string {
	if f.Digest == doc.Digest {
		return "original" + extensions[doc.MediaType]
	}
	switch f.Role {
	case sohoa.RoleText:
		return fmt.Sprintf("text/%04d.json", f.Page)
	case sohoa.RolePDF:
		return "document.pdf"
	case sohoa.RoleSigned:
		return "signed.pdf"
	}
	return ""
}
