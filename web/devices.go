package web

import (
	"crypto/rand"
	"net/http"
	"strings"

	"sohoa/archive"
)

// maxAgentBytes bounds what is kept of how a browser names itself.
const maxAgentBytes = 300

// newDevice is where somebody signs in now.
func (s *Server) newDevice(r *http.Request, o opened) archive.Device {
	now := s.cfg.Now().UTC()
	agent := strings.ToValidUTF8(r.UserAgent(), "")
	if len(agent) > maxAgentBytes {
		agent = strings.ToValidUTF8(agent[:maxAgentBytes], "")
	}
	return archive.Device{ID: rand.Text(), User: o.User, Agent: agent, Address: visitOf(r.Context()).addr, By: o.By,
		First: now, Last: now, Expires: now.Add(sessionLifetime)}
}

// deviceLine is a device on a page, in words.
type deviceLine struct {
	archive.Device
	Browser, System string // names that we know, or nothing
	This            bool   // of this request
	Foreign         bool   // of somebody else than who looks
}

func deviceLines(all []archive.Device, reader, this string) (lines []deviceLine) {
	for _, d := range all {
		lines = append(lines, deviceLine{d, firstOf(browsers, d.Agent), firstOf(systems, d.Agent), d.ID == this, d.User != reader})
	}
	return lines
}

// mark is a word in what a browser says of itself, and what it stands for.
type mark struct{ word, name string }

// The marks, most telling first: most browsers also say that they are those
// that came before them.
var (
	browsers = []mark{{"coc_coc_browser", "Cốc Cốc"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"HeadlessChrome", "Chrome"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}}
	systems = []mark{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "macOS"},
		{"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

func firstOf(marks []mark, agent string) string {
	for _, m := range marks {
		if strings.Contains(agent, m.word) {
			return m.name
		}
	}
	return ""
}
