package web

import (
	"net/http"
	"time"

	"sohoa"
)

// kioskCookie marks a screen that many people use one after the other.
const kioskCookie = "kiosk"

// kioskIdle is after how long without a touch such a screen goes back to its
// start, and kioskWarn how long before that it says so.
const (
	kioskIdle = 60 * time.Second
	kioskWarn = 15 * time.Second
)

// publicPages are those for citizens, beside the ones of printed copies and of
// signatures.
func (s *Server) publicPages() map[string]handler {
	return map[string]handler{"GET /{$}": s.pageFront, "GET /status": s.pageStatus, "POST /status": s.postStatus}
}

// pageFront is where everybody begins: citizens with what they can look up,
// officials with what waits for them, others with their dossiers.
func (s *Server) pageFront(w http.ResponseWriter, r *http.Request) error {
	user := visitOf(r.Context()).user
	if user == nil {
		return s.pageStart(w, r)
	}
	home := s.pageHome
	if s.cfg.Desk != nil && user.May(sohoa.PowerSign) && !user.May(sohoa.PowerWork) {
		home = s.pageQueue
	}
	return s.behind(door{anybodyIn, home})(w, r)
}

// pageStart shows what people can do here who are not signed in. "?kiosk=1"
// makes this screen one that many people use, "?kiosk=0" no longer.
func (s *Server) pageStart(w http.ResponseWriter, r *http.Request) error {
	if asked := r.URL.Query().Get("kiosk"); asked != "" {
		c := &http.Cookie{Name: kioskCookie, Value: "1", Path: "/", MaxAge: year, HttpOnly: true, Secure: s.cfg.SecureCookies, SameSite: http.SameSiteLaxMode}
		if asked != "1" {
			c.MaxAge = -1
		}
		http.SetCookie(w, c)
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	s.render(w, r, http.StatusOK, "start", frame{Title: text(r, "start.title")})
	return nil
}

// idle is how a screen that many people use goes back to its start; nil on
// others, and where somebody is signed in.
type idle struct{ After, Warn int } // seconds

func idleOf(r *http.Request) *idle {
	if _, err := r.Cookie(kioskCookie); err != nil || visitOf(r.Context()).user != nil {
		return nil
	}
	return &idle{int(kioskIdle / time.Second), int(kioskWarn / time.Second)}
}
