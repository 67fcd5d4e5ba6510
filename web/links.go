package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// fileLink is what a link to one file says. It is signed, so that whoever has it
// needs neither a session nor a key, and nothing about it is kept but its
// entries in the journal.
type fileLink struct {
	ID       string           `json:"i"` // names it in the journal
	Document sohoa.DocumentID `json:"d"`
	Role     sohoa.Role       `json:"r"`
	Actor    string           `json:"a"`
	Whom     string           `json:"w,omitempty"`
	Purpose  string           `json:"p"`
	Until    int64            `json:"u"` // Unix time
}

// maxLinkBytes bounds a link, signature and all.
const maxLinkBytes = 2048

// LinkView is a link to a file.
type LinkView struct {
	Name  string    `json:"name" doc:"File name."`
	URL   string    `json:"url" doc:"GET fetches the file, without a key. It is a secret."`
	Until time.Time `json:"until" doc:"For how long it is good."`
}

func (s *Server) registerLinks(api huma.API) {
	op := operation("get-linked-file", http.MethodGet, "/national/files/{link}", "Fetch the file of a link; journalled. Ranges are served")
	op.Description = "Takes neither a session nor a key: the link is the right, for some minutes and one file."
	op.Security = nil
	op.Errors = []int{http.StatusNotFound}
	huma.Register(api, stream(op, anyMediaType, "The file."), s.apiLink)
}

// secret is a secret of the installation, made at its first use.
func (s *Server) secret(ctx context.Context, name string) ([]byte, error) {
	if kept, ok := s.secrets.Load(name); ok {
		return kept.([]byte), nil
	}
	var value []byte
	err := s.cfg.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		value, err = tx.Secret(name, newSecret())
		return err
	})
	if err == nil {
		s.secrets.Store(name, value)
	}
	return value, err
}

// offerLinks are links to the files of an offer that no rule fails.
func (s *Server) offerLinks(ctx context.Context, o ingest.Offer, p sohoa.Purpose) ([]LinkView, error) {
	if o.Verdict == sohoa.ReuseFail {
		return []LinkView{}, nil
	}
	return s.links(ctx, o.Document, p)
}

// links makes a link to what is kept of a document: the signed file, or the
// master where nothing is signed. That it was made is journalled before
// anybody has it.
func (s *Server) links(ctx context.Context, doc sohoa.Document, p sohoa.Purpose) ([]LinkView, error) {
	files, err := s.cfg.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	file, ok := keptOf(files)
	if !ok {
		return []LinkView{}, nil
	}
	until := s.cfg.Now().Add(sohoa.MaxLinkTime).UTC().Truncate(time.Second)
	l := fileLink{ID: string(sohoa.NewSetID(s.cfg.Now())), Document: doc.ID, Role: file.Role, Actor: userOf(ctx).Name,
		Whom: visitOf(ctx).whom, Purpose: clip(p.String()), Until: until.Unix()}
	token, err := s.seal(ctx, l)
	if err != nil {
		return nil, err
	}
	detail := fmt.Sprintf(`{"file":"link","link":%q,"until":%q}`, l.ID, until.Format(time.RFC3339))
	err = s.journal(ctx, sohoa.Entry{Actor: l.Actor, Action: sohoa.ActionDownload, Document: doc.ID, Dossier: p.Dossier, Purpose: l.Purpose, Detail: detail})
	if err != nil {
		return nil, err
	}
	return []LinkView{{renditionName(doc, file), s.base(ctx) + apiPrefix + "/national/files/" + token, until}}, nil
}

// keptOf is the file that a paper is given as.
func keptOf(files []sohoa.File) (sohoa.File, bool) {
	for _, role := range []sohoa.Role{sohoa.RoleSigned, sohoa.RolePDF} {
		for _, f := range files {
			if f.Role == role && f.Page == 0 {
				return f, true
			}
		}
	}
	return sohoa.File{}, false
}

// base is the address of the service, as whoever asked reached it unless a
// setting says otherwise.
func (s *Server) base(ctx context.Context) string {
	if s.cfg.PublicURL != "" {
		return strings.TrimSuffix(s.cfg.PublicURL, "/")
	}
	scheme := "http"
	if s.cfg.SecureCookies {
		scheme = "https"
	}
	return scheme + "://" + visitOf(ctx).host
}

// seal writes a link, with an HMAC over it.
func (s *Server) seal(ctx context.Context, l fileLink) (string, error) {
	key, err := s.secret(ctx, "links")
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(linkMAC(key, b), b...)), nil
}

func linkMAC(key, b []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(b)
	return m.Sum(nil)
}

// unseal reads a link that is good now; of any other it is "link.unknown".
func (s *Server) unseal(ctx context.Context, token string) (fileLink, error) {
	unknown := newProblem(sohoa.ErrNotExist, "link.unknown")
	key, err := s.secret(ctx, "links")
	if err != nil {
		return fileLink{}, err
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(token) > maxLinkBytes || len(b) < sha256.Size || !hmac.Equal(b[:sha256.Size], linkMAC(key, b[sha256.Size:])) {
		return fileLink{}, unknown
	}
	var l fileLink
	if err := json.Unmarshal(b[sha256.Size:], &l); err != nil || s.cfg.Now().Unix() >= l.Until {
		return fileLink{}, unknown
	}
	return l, nil
}

type linkInput struct {
	Link string `path:"link" maxLength:"2048"`
}

// apiLink gives the file of a link to whoever has it. What was revoked or
// destroyed meanwhile is not given, and neither is anything to a program whose
// key was revoked.
func (s *Server) apiLink(ctx context.Context, in *linkInput) (*huma.StreamResponse, error) {
	l, err := s.unseal(ctx, in.Link)
	if err == nil {
		err = s.linkGood(ctx, l)
	}
	if err != nil {
		return nil, err
	}
	doc, err := s.cfg.Catalog.Document(ctx, sohoa.Everything, l.Document)
	if err != nil || doc.State != sohoa.StateKept || doc.Reusable(s.cfg.Now()) != nil {
		return nil, errors.Join(newProblem(sohoa.ErrNotExist, "link.unknown"), otherThanMissing(err))
	}
	blob, file, err := s.cfg.Intake.Open(ctx, doc.ID, l.Role, 0)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer blob.Close()
		r, w := humago.Unwrap(hc)
		if err := s.journalLink(r, doc, l); err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Disposition", attachment(renditionName(doc, file)))
		var content io.ReadSeeker = blob
		serveContent(w, r, content, file)
	}}, nil
}

// linkGood refuses links of programs whose key is good no more.
func (s *Server) linkGood(ctx context.Context, l fileLink) error {
	name, program := strings.CutPrefix(l.Actor, "api:")
	if !program {
		return nil
	}
	keys, err := s.cfg.Catalog.APIKeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.Name == name && k.Revoked.IsZero() && s.cfg.Now().Before(k.Expires) {
			return nil
		}
	}
	return newProblem(sohoa.ErrNotExist, "link.unknown")
}

// journalLink notes that a link was used. Parts that go on with a download
// are one entry with its beginning.
func (s *Server) journalLink(r *http.Request, doc sohoa.Document, l fileLink) error {
	ctx := r.Context()
	seen := "link\x00" + l.ID + "\x00" + visitOf(ctx).addr
	if !first(r) && s.seen.has(seen) {
		return nil
	}
	about := map[string]string{"file": string(l.Role), "link": l.ID, "address": visitOf(ctx).addr}
	if l.Whom != "" {
		about["for"] = l.Whom
	}
	detail, err := json.Marshal(about)
	if err != nil {
		return err
	}
	err = s.journal(ctx, sohoa.Entry{Actor: l.Actor, Action: sohoa.ActionDownload, Document: doc.ID, Dossier: doc.Dossier,
		Purpose: l.Purpose, Detail: string(detail)})
	if err == nil {
		s.seen.add(seen)
	}
	return err
}
