package web

import (
	"net/http"
	"slices"
	"strings"

	"sohoa"
)

// navLink is a place that the menu leads to, for those who have its power.
type navLink struct {
	href, key string // key is its phrase
	power     sohoa.Power
	group     string               // heading of the menu under which it stands
	bar       bool                 // on a wide window it stands in the bar itself too
	there     func(s *Server) bool // nil where it always is
	covers    []string             // leading parts of addresses that belong to it, beside its own
}

// navLinks are the places of the menu in their order. A page of its own that
// is not reached from another has a line here.
var navLinks = []navLink{
	{href: "/", key: "nav.home", power: anybodyIn, group: "nav.work", bar: true, covers: []string{"/dossiers", "/documents"}},
	{href: "/sets", key: "nav.sets", power: sohoa.PowerRead, group: "nav.work", bar: true, there: func(s *Server) bool { return s.cfg.Desk != nil }},
	{href: "/confirm", key: "confirm.title", power: sohoa.PowerWork, group: "nav.work", there: func(s *Server) bool { return s.confirms != nil }},
	{href: "/export", key: "export.open", power: sohoa.PowerGive, group: "nav.work", there: func(s *Server) bool { return s.cfg.Giver != nil }},
	{href: "/figures", key: "nav.figures", power: sohoa.PowerFigures, group: "nav.oversight", bar: true, there: func(s *Server) bool { return s.cfg.Reuse != nil }},
	{href: "/samples", key: "nav.samples", power: sohoa.PowerSample, group: "nav.oversight", bar: true},
	{href: "/flags", key: "nav.flags", power: sohoa.PowerInspect, group: "nav.oversight"},
	{href: "/journal", key: "journal.title", power: sohoa.PowerInspect, group: "nav.oversight"},
	{href: "/disposal", key: "nav.disposal", power: sohoa.PowerDispose, group: "nav.keeping", bar: true, there: keepsRecords},
	{href: "/schedule", key: "disposal.schedule", power: sohoa.PowerOperate, group: "nav.keeping", there: keepsRecords},
	{href: "/archive", key: "archive.title", power: sohoa.PowerOperate, group: "nav.keeping", there: keepsRecords},
	{href: "/admin", key: "nav.admin", power: sohoa.PowerManage, group: "nav.keeping", bar: true},
	{href: "/status", key: "nav.status", power: openToAll, group: "nav.public"},
	{href: "/admin/procedures", key: "procedures.title", power: sohoa.PowerOperate, group: "nav.keeping"},
	{href: "/verify", key: "nav.verify", power: openToAll, group: "nav.public"},
	{href: "/q", key: "nav.lookup", power: openToAll, group: "nav.public"},
}

// openToAll is the power of places for everybody, signed in or not.
const openToAll sohoa.Power = "-"

func keepsRecords(s *Server) bool { return s.records != nil }

// navItem is a link as one reader sees it on one page.
type navItem struct {
	Href, Key string
	Current   string // aria-current: "page" where it leads to this page, "true" to what this page belongs to
}

// navGroup are links under a heading, which is a phrase.
type navGroup struct {
	Key   string
	Items []navItem
}

// navigation is the menu as one reader sees it on one page.
type navigation struct {
	Bar    []navItem
	Groups []navGroup
}

// navigate makes the menu of a page.
func (s *Server) navigate(r *http.Request, user *sohoa.User) navigation {
	var nav navigation
	at := place(r.URL.Path)
	for _, link := range navLinks {
		if !s.leads(link, user) {
			continue
		}
		item := navItem{Href: link.href, Key: link.key}
		if link.href == r.URL.Path {
			item.Current = "page"
		} else if link.href == at {
			item.Current = "true"
		}
		if link.bar || user == nil {
			nav.Bar = append(nav.Bar, item)
		}
		i := slices.IndexFunc(nav.Groups, func(g navGroup) bool { return g.Key == link.group })
		if i < 0 {
			i, nav.Groups = len(nav.Groups), append(nav.Groups, navGroup{Key: link.group})
		}
		nav.Groups[i].Items = append(nav.Groups[i].Items, item)
	}
	return nav
}

// leads reports whether a reader is shown a link: not one that would refuse
// them. What concerns the whole installation takes somebody of it.
func (s *Server) leads(link navLink, user *sohoa.User) bool {
	if link.there != nil && !link.there(s) {
		return false
	}
	if user == nil {
		return link.power == openToAll
	}
	if link.power == sohoa.PowerOperate && user.Agency != "" {
		return false
	}
	return link.power == anybodyIn || link.power == openToAll || user.May(link.power)
}

// place is the link that a path belongs to: the longest that it begins with.
func place(path string) string {
	best, length := "", 0
	for _, link := range navLinks {
		for _, lead := range append([]string{link.href}, link.covers...) {
			if len(lead) > length && (path == lead || strings.HasPrefix(path, lead+"/")) {
				best, length = link.href, len(lead)
			}
		}
	}
	return best
}
