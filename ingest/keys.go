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
func accessKey(id sohoa.DocumentID) string   { return workDir(id) + "access.pdf" }
func signedKey(id sohoa.DocumentID) string   { return workDir(id) + "signed.pdf" }

// returnedKey is where a file that was brought back signed waits to be kept.
func returnedKey(pending sohoa.SetID) string { return workPrefix + string(pending) + "/returned.pdf" }

func textKey(id sohoa.DocumentID, page int) string {
	return fmt.Sprintf("%stext/%04d.json", workDir(id), page)
}

// layersKey is that of a page by where it came from: layers are those of its
// image, whatever way it is turned.
func layersKey(from sohoa.PageRef) string {
	return fmt.Sprintf("%slayers/%04d.json", workDir(from.Document), from.Page)
}

// broughtKey is where what a page brought along waits for its reading.
func broughtKey(id sohoa.DocumentID, page int) string {
	return fmt.Sprintf("%sbrought/%04d.json", workDir(id), page)
}

func imageKey(id sohoa.DocumentID, page int) string {
	return fmt.Sprintf("%simage/%04d", cacheDir(id), page)
}

// thumbKey is that of a page by where it came from, for each way that a person
// turned it.
func thumbKey(from sohoa.PageRef) string {
	if from.Turn != 0 {
		return fmt.Sprintf("%sthumb/%04d-%d.jpg", cacheDir(from.Document), from.Page, from.Turn)
	}
	return fmt.Sprintf("%sthumb/%04d.jpg", cacheDir(from.Document), from.Page)
}

// leafKey is where a document has a working file of a page that came from
// another one.
func leafKey(holder sohoa.DocumentID, f sohoa.File) string {
	return fmt.Sprintf("%sleaf/%s-%s", workDir(holder), f.Role, f.Digest)
}

// arrangedKey is that of the text of a page that was moved or turned.
func arrangedKey(id sohoa.DocumentID, text []byte) string {
	return fmt.Sprintf("%stext/%s.json", workDir(id), sohoa.Sum(text))
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

// pagePath is the name, inside the object of its document, of the image of a
// page that came from another one; empty for those of its own, which are made
// again from the original.
func pagePath(p sohoa.Page) string {
	if p.Origin().Document == p.Document {
		return ""
	}
	return fmt.Sprintf("pages/%04d%s", p.Number, extensions[p.MediaType])
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
	case sohoa.RoleAccess:
		return "access.pdf"
	case sohoa.RoleSigned:
		return "signed.pdf"
	}
	return ""
}
