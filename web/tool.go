package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"sohoa"
)

// signingTool is where the state's token tool listens on people's machines. A
// page opens a WebSocket to it for each document, hands it an address to fetch
// the PDF from and one to bring it back to, and is told how it went.
const signingTool = "wss://127.0.0.1:8987"

// toolPolicy lets a page talk to the tool, beside what every page may.
func (s *Server) toolPolicy() string {
	return strings.Replace(policy, "connect-src 'self'", "connect-src 'self' "+s.cfg.Tool, 1)
}

// toolAnswer is what the tool reads when it has brought a document back.
type toolAnswer struct {
	Status     bool   `json:"Status"`
	Message    string `json:"Message"`
	FileName   string `json:"FileName"`
	FileServer string `json:"FileServer"` // where the document is now
}

// registerTool adds the one-time addresses of the token tool. They need no
// session: the tool has none, and the secret in them is worth one document of
// one signer.
func (s *Server) registerTool(mux *http.ServeMux) {
	for pattern, h := range map[string]http.HandlerFunc{"GET /tool/{secret}": s.toolFile, "POST /tool/{secret}": s.toolReturn} {
		s.doors[pattern] = everybody
		mux.HandleFunc(pattern, h)
	}
}

func (s *Server) toolFile(w http.ResponseWriter, r *http.Request) {
	if s.cfg.Desk == nil {
		s.fail(w, r, newProblem(sohoa.ErrNotExist, "path.unknown"))
		return
	}
	blob, doc, err := s.cfg.Desk.ToolFile(r.Context(), r.PathValue("secret"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer blob.Close()
	file := sohoa.File{Role: sohoa.RoleSigned, MediaType: "application/pdf", Size: blob.Size()}
	w.Header().Set("Content-Disposition", attachment(renditionName(doc, file)))
	serveContent(w, r, blob, file)
}

func (s *Server) toolReturn(w http.ResponseWriter, r *http.Request) {
	doc, err := s.takeBack(w, r)
	answer := toolAnswer{Status: err == nil}
	if err != nil {
		answer.Message = sohoa.AsProblem(err).Text(visitOf(r.Context()).lang)
		if statusOf(err) >= http.StatusInternalServerError {
			s.cfg.Log.Error("signed document not taken", "err", err)
		}
	} else {
		answer.FileName, answer.FileServer = doc.Name, s.origin(r)+"/documents/"+doc.ID.String()
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answer) // the tool may be gone
}

// takeBack hands the file of a request on: the first one of a form, or the
// body itself.
func (s *Server) takeBack(w http.ResponseWriter, r *http.Request) (sohoa.Document, error) {
	if s.cfg.Desk == nil {
		return sohoa.Document{}, newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	r.Body = http.MaxBytesReader(w, r.Body, sohoa.MaxVerifyBytes)
	body := io.Reader(&moving{r: r.Body, control: http.NewResponseController(w)})
	if form, err := r.MultipartReader(); err == nil {
		for {
			part, err := form.NextPart()
			if err != nil {
				return sohoa.Document{}, newProblem(sohoa.ErrInvalid, "file.empty", "PDF")
			}
			if part.FileName() != "" {
				body = &moving{r: part, control: http.NewResponseController(w)}
				break
			}
		}
	} else if !errors.Is(err, http.ErrNotMultipart) {
		return sohoa.Document{}, newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	doc, err := s.cfg.Desk.ToolReturn(r.Context(), r.PathValue("secret"), body)
	return doc, tooLarge(err, "PDF", sohoa.MaxVerifyBytes)
}

// origin is the address of this server as the client knows it.
func (s *Server) origin(r *http.Request) string {
	if r.TLS != nil || s.cfg.SecureCookies {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
