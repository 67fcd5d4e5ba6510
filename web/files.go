package web

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"sohoa"
)

// filesPrefix leads the addresses of what came from people: renditions and
// pictures of pages. Nothing below it is ever HTML, and every answer there,
// also one that refuses, is in the sandbox of filePolicy.
const filesPrefix = "/files/"

// filePages are the addresses of files for pages. Programs have theirs in the
// API, with the same rights and the same entries in the journal.
func (s *Server) filePages() doors {
	return doors{
		"GET /files/{id}/{role}":              {sohoa.PowerRead, s.getFile},
		"GET /files/{id}/pages/{page}/{size}": {sohoa.PowerRead, s.getPageFile},
	}
}

// renditions are the roles that are served by name.
var renditions = []sohoa.Role{sohoa.RoleOriginal, sohoa.RolePDF, sohoa.RoleAccess, sohoa.RoleSigned}

func (s *Server) getFile(w http.ResponseWriter, r *http.Request) error {
	role := r.PathValue("role")
	for _, known := range renditions {
		if role == string(known) {
			in := &fileInput{DocumentInput: documentAsked(r), Role: role}
			return s.serveRendition(w, r, in)
		}
	}
	return newProblem(sohoa.ErrNotExist, "path.unknown")
}

func (s *Server) getPageFile(w http.ResponseWriter, r *http.Request) error {
	page, err := strconv.Atoi(r.PathValue("page"))
	role, known := map[string]sohoa.Role{"image": sohoa.RoleImage, "thumb": sohoa.RoleThumb}[r.PathValue("size")]
	if err != nil || page < 1 || !known {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	in := &pageInput{DocumentInput: documentAsked(r), Page: page}
	doc, err := s.pictured(r.Context(), in, role)
	if err != nil {
		return err
	}
	blob, file, err := s.cfg.Intake.Open(r.Context(), doc.ID, role, page)
	if err != nil {
		return err
	}
	defer blob.Close()
	w.Header().Set("Content-Disposition", "inline")
	serveContent(w, r, blob, file)
	return nil
}

func documentAsked(r *http.Request) DocumentInput {
	return DocumentInput{ID: r.PathValue("id"), Purpose: r.URL.Query().Get("purpose")}
}

// servedType is the type under which a stored file is sent: one of those that
// we find out ourselves, or bytes that no browser shows.
func servedType(file sohoa.File) string {
	if _, ok := extensions[file.MediaType]; ok {
		return file.MediaType
	}
	return anyMediaType
}

// failFile answers with err where files are served: in plain words, never as a
// page.
func failFile(w http.ResponseWriter, reply *Reply) {
	w.Header().Set("Content-Type", mime.FormatMediaType("text/plain", map[string]string{"charset": "utf-8"}))
	w.WriteHeader(reply.Status)
	_, _ = w.Write([]byte(reply.Detail + "\n")) // the client may be gone
}

// isFile reports whether a path is that of a file.
func isFile(path string) bool { return strings.HasPrefix(path, filesPrefix) }
