package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sohoa"
	"sohoa/search"
)

func (s *Server) registerFiles(api huma.API) {
	file := operation("get-file", http.MethodGet, "/documents/{id}/files/{role}", "Download a rendition; journalled. Ranges are served")
	huma.Register(api, stream(file, anyMediaType, "The file."), s.apiFile)
	image := operation("get-page-image", http.MethodGet, "/documents/{id}/pages/{page}/image", "The image of a page, as stored")
	huma.Register(api, stream(image, anyMediaType, "The image."), s.apiPageFile(sohoa.RoleImage))
	thumb := operation("get-page-thumb", http.MethodGet, "/documents/{id}/pages/{page}/thumb", "A small upright image of a page")
	huma.Register(api, stream(thumb, anyMediaType, "The image."), s.apiPageFile(sohoa.RoleThumb))
	pageText := operation("get-page-text", http.MethodGet, "/documents/{id}/pages/{page}/text", "What stands on a page, word by word")
	huma.Register(api, pageText, s.apiPageText)
	text := operation("get-text", http.MethodGet, "/documents/{id}/text", "The text of all pages, separated by form feeds; journalled")
	huma.Register(api, stream(text, "text/plain", "The text, UTF-8."), s.apiText)
}

type fileInput struct {
	DocumentInput
	Role string `path:"role" enum:"original,pdf,access,signed" doc:"Which rendition."`
	UpTo int64  `query:"upTo" minimum:"1" doc:"Only so many bytes from the start: the revision that a signature covers."`
}

func (s *Server) apiFile(ctx context.Context, in *fileInput) (*huma.StreamResponse, error) {
	if _, err := s.served(ctx, in.ID); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		r, w := humago.Unwrap(hc)
		if err := s.serveRendition(w, r, in); err != nil {
			s.fail(w, r, err)
		}
	}}, nil
}

// serveRendition writes a rendition, to be saved, when that stands in the
// journal.
func (s *Server) serveRendition(w http.ResponseWriter, r *http.Request, in *fileInput) error {
	ctx := r.Context()
	if err := s.mayFetch(ctx); err != nil {
		return err
	}
	doc, err := s.served(ctx, in.ID)
	if err != nil {
		return err
	}
	blob, file, err := s.cfg.Intake.Open(ctx, doc.ID, sohoa.Role(in.Role), 0)
	if err != nil {
		return err
	}
	defer blob.Close()
	key := fmt.Sprintf("download\x00%s\x00%s\x00%s", userOf(ctx).Name, doc.ID, in.Role)
	if first(r) || !s.seen.has(key) {
		if err := s.journalDownload(ctx, doc, in.Role, in.Purpose); err != nil {
			return err
		}
		s.seen.add(key)
	}
	w.Header().Set("Content-Disposition", attachment(renditionName(doc, file)))
	if in.UpTo == 0 || in.UpTo >= file.Size {
		serveContent(w, r, blob, file)
		return nil
	}
	file.Digest = sohoa.Digest{} // it is of the whole file
	w.Header().Set("Content-Disposition", attachment(fmt.Sprintf("%s.%d%s", doc.ID, in.UpTo, extensions[file.MediaType])))
	serveContent(w, r, io.NewSectionReader(blob, 0, in.UpTo), file)
	return nil
}

// first reports whether a request asks for the beginning of a file. Other
// parts go on with a download that stands in the journal, if there is one.
func first(r *http.Request) bool {
	span := r.Header.Get("Range")
	return span == "" || strings.HasPrefix(span, "bytes=0-")
}

func (s *Server) journalDownload(ctx context.Context, doc sohoa.Document, role, purpose string) error {
	p, err := s.viewPurpose(ctx, doc, purpose)
	if err == nil {
		err = s.mayRead(ctx)
	}
	if err != nil {
		return err
	}
	return s.journal(ctx, sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionDownload, Document: doc.ID,
		Dossier: doc.Dossier, Purpose: clip(p.String()), Detail: fmt.Sprintf(`{"file":%q}`, role)})
}

// serveContent writes a stored file, or the part that was asked for. It is
// shown as what it is and may do nothing.
func serveContent(w http.ResponseWriter, r *http.Request, content io.ReadSeeker, file sohoa.File) {
	h := w.Header()
	h.Set("Content-Type", servedType(file))
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Cache-Control", "private, no-cache")
	if !file.Digest.IsZero() {
		h.Set("ETag", `"`+file.Digest.String()+`"`)
	}
	http.ServeContent(&patient{w, http.NewResponseController(w)}, r, "", time.Time{}, content)
}

// patient renews the deadline of a connection at every write, so that a large
// file may take its time as long as it moves.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (p *patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(uploadPause)) // as in moving.Read
	return p.ResponseWriter.Write(b)
}

// extensions of the media types that we store.
var extensions = map[string]string{
	"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/tiff": ".tif",
	"image/webp": ".webp", "image/heic": ".heic",
}

// renditionName is the name under which a rendition is saved.
func renditionName(doc sohoa.Document, file sohoa.File) string {
	if file.Role == sohoa.RoleOriginal {
		return doc.Name
	}
	base := strings.TrimSuffix(doc.Name, path.Ext(doc.Name))
	if file.Role == sohoa.RoleSigned || file.Role == sohoa.RoleAccess {
		base += "." + string(file.Role)
	}
	return base + extensions[file.MediaType]
}

// attachment is a Content-Disposition that saves under name (RFC 6266; the
// full name in the form of RFC 8187, beside it one of plain ASCII).
func attachment(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\/%;`, r) {
			return '_'
		}
		return r
	}, name)
	return fmt.Sprintf(`attachment; filename="%s"; filename*=UTF-8''%s`, plain, encode8187(name))
}

// encode8187 percent-encodes all but the attr-char of RFC 8187, 3.2.1, and
// leaves out what does not belong into a file name.
func encode8187(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '/' || r == '\\' {
			r = '_'
		}
		for _, c := range []byte(string(r)) {
			if c < 0x80 && (isAlnum(c) || strings.IndexByte("!#$&+-.^_`|~", c) >= 0) {
				b.WriteByte(c)
				continue
			}
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

type pageInput struct {
	DocumentInput
	Page int `path:"page" minimum:"1" maximum:"100000" doc:"Counted from 1."`
}

func (s *Server) apiPageFile(role sohoa.Role) func(context.Context, *pageInput) (*huma.StreamResponse, error) {
	return func(ctx context.Context, in *pageInput) (*huma.StreamResponse, error) {
		doc, err := s.pictured(ctx, in, role)
		if err != nil {
			return nil, err
		}
		blob, file, err := s.cfg.Intake.Open(ctx, doc.ID, role, in.Page)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer blob.Close()
			r, w := humago.Unwrap(hc)
			serveContent(w, r, blob, file)
		}}, nil
	}
}

// pictured returns the document of an image, and notes the view. A small image
// of a page is too small to read: a view of the document, not of the page, and
// part of the search that showed it.
func (s *Server) pictured(ctx context.Context, in *pageInput, role sohoa.Role) (sohoa.Document, error) {
	if err := s.mayFetch(ctx); err != nil {
		return sohoa.Document{}, err
	}
	if role != sohoa.RoleThumb {
		return s.viewed(ctx, in.ID, in.Page, in.Purpose)
	}
	doc, err := s.shown(ctx, in.ID)
	if err != nil || s.seen.has(foundKey(ctx, doc.ID)) {
		return doc, err
	}
	return doc, s.journalView(ctx, doc, 0, in.Purpose)
}

type pageTextOutput struct{ Body sohoa.PageText }

func (s *Server) apiPageText(ctx context.Context, in *pageInput) (*pageTextOutput, error) {
	doc, err := s.viewed(ctx, in.ID, in.Page, in.Purpose)
	if err != nil {
		return nil, err
	}
	text, err := s.pageText(ctx, doc.ID, in.Page)
	return &pageTextOutput{text}, err
}

func (s *Server) apiText(ctx context.Context, in *DocumentInput) (*huma.StreamResponse, error) {
	doc, err := s.served(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.journalDownload(ctx, doc, "text", in.Purpose); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "text/plain; charset=utf-8")
		hc.SetHeader("Content-Disposition", attachment(doc.Name+".txt"))
		s.writeText(ctx, hc, doc)
	}}, nil
}

// writeText writes the text of all pages that have one. An error in the
// middle cuts the connection: a part must not pass for the whole.
func (s *Server) writeText(ctx context.Context, hc huma.Context, doc sohoa.Document) {
	for n := 1; n <= doc.Pages; n++ {
		text, err := s.pageText(ctx, doc.ID, n)
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			s.cfg.Log.Error("text cut off", "document", doc.ID.String(), "page", n, "err", err)
			panic(http.ErrAbortHandler)
		}
		end := "\f"
		if n == doc.Pages {
			end = ""
		}
		if _, err := fmt.Fprint(hc.BodyWriter(), search.PlainText(text), end); err != nil {
			return // the client is gone
		}
	}
}
