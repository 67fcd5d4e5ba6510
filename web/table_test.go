package web_test

import (
	"flag"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sohoa"
	"sohoa/ingest/hooks"
	"sohoa/web"
	"sohoa/web/oidctest"
)

var updateTable = flag.Bool("update", false, "write testdata/access.txt")

// accessTable is where it stands what each visitor is answered.
var accessTable = filepath.Join("testdata", "access.txt")

// kinds are whose thing a route is asked for; "-" where it asks for none.
var kinds = []string{"own", "other", "absent"}

const tableHead = `# What each visitor is answered, by route and by whose thing it is asked for: of
# agency A, of another agency, or of nobody. Clerk, official, seal keeper and
# staff are of agency A; archivist, inspector and admin of the agency above it;
# root administers the whole installation; the program has a key of agency A.
# Written by: go test ./web -run TestMatrixOfAccess -update
`

// TestMatrixOfAccess asks every route as everybody, for what is their own, for
// what is another agency's, and for what is not there, and compares with the
// table. What the table may never say is checked beside it.
func TestMatrixOfAccess(t *testing.T) {
	t.Cleanup(web.CheapPasswords())
	province := oidctest.Start(t)
	m := newTable(newOfficeConfigured(t, func(c *web.Config) {
		c.Hooks = hooks.New(hooks.Config{Catalog: c.Catalog, Now: c.Now})
		c.Settings = []web.Setting{{Name: "addr", Value: ":8080"}}
		c.SignOn = &web.SignOn{Issuer: province.Issuer(), ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, Name: "Cổng tỉnh", Claim: "preferred_username"}
	}))
	o := m.o
	routes := o.allRoutes()
	for route := range ways {
		if _, ok := routes[route]; !ok {
			t.Errorf("there is a way to call %s, which is no route", route)
		}
	}
	var lines []string
	for _, r := range ordered(routes) {
		for _, w := range waysOf(r.pattern) {
			lines = append(lines, m.rows(t, r, w)...)
		}
	}
	got := tableHead + columns("#", "", visitorNames) + strings.Join(lines, "")
	if *updateTable {
		if err := os.WriteFile(accessTable, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	compareTables(t, got)
}

// route is a page or an operation.
type route struct {
	pattern   string // with the method
	power     sohoa.Power
	operation string // its identifier in the API; empty for pages
	open      bool   // nobody has to sign in
}

// allRoutes are all routes by their patterns.
func (o *office) allRoutes() map[string]route {
	o.t.Helper()
	routes := map[string]route{}
	for pattern, power := range o.web.Doors() {
		routes[pattern] = route{pattern: pattern, power: power, open: power == web.Everybody}
	}
	var spec struct {
		Paths map[string]map[string]struct {
			OperationID string
			Security    []map[string][]string
		}
	}
	o.stranger().get("/openapi.json").decode(o.t, &spec)
	for path, methods := range spec.Paths {
		for method, op := range methods {
			power, known := web.OperationPowers()[op.OperationID]
			open := !slices.ContainsFunc(op.Security, func(s map[string][]string) bool { return s["session"] != nil })
			if !known && !open {
				o.t.Errorf("%s stands in no table of powers", op.OperationID)
			}
			pattern := strings.ToUpper(method) + " " + path
			routes[pattern] = route{pattern, power, op.OperationID, open}
		}
	}
	if len(routes) < 100 {
		o.t.Fatalf("%d routes were found, want all", len(routes))
	}
	return routes
}

// ordered are routes in the order of the table: signing out comes last.
func ordered(routes map[string]route) []route {
	var all []route
	for _, r := range routes {
		all = append(all, r)
	}
	key := func(r route) string {
		method, path, _ := strings.Cut(r.pattern, " ")
		last := ""
		if r.pattern == "POST /sign-out" {
			last = "~"
		}
		return last + path + " " + method
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(key(a), key(b)) })
	return all
}

// open are the routes that answer whoever comes.
var open = []string{"GET /{$}", "GET /status", "POST /status", "GET /sign-in", "POST /sign-in", "GET /sign-in/code", "POST /sign-in/code", "POST /sign-in/passkey", "POST /sign-in/passkey/begin",
	"GET /sign-in/province", "GET /sign-in/province/back", "GET /healthz", "POST /sign-out", "GET /setup/{token}", "POST /setup/{token}", "GET /verify", "POST /verify", "POST /search",
	"GET /q", "GET /q/{code}", "POST /q/{code}", "GET /read/{id}/{secret}", "GET /read/{id}/{secret}/{page}", "GET /tool/{secret}", "POST /tool/{secret}",
	"POST /api/v1/verify", "GET /api/v1/lookup/{code}", "POST /api/v1/lookup/{code}/compare", "GET /api/v1/national/files/{link}", "GET /api/v1/national/keys"}

// tellApart are routes that do not answer alike for what another has and for
// what is not there, and why they may.
var tellApart = map[string]string{
	"GET /q/{code}": "a printed copy is looked up by whoever has it", "POST /q/{code}": "likewise",
	"GET /api/v1/lookup/{code}": "likewise", "POST /api/v1/lookup/{code}/compare": "likewise",
	"PUT /api/v1/dossiers/{code}": "a code is given once; whoever makes another with it is told",
}

// elsewhere are routes on which a power alone is not enough: what else it
// takes is in the sentence that they answer with.
var elsewhere = []string{"/approve", "/{op}"}

// rows asks one route in one way and returns its lines of the table.
func (m *tableTest) rows(t *testing.T, r route, w way) []string {
	t.Helper()
	asked := kinds
	if !w.varies(r.pattern) {
		asked = []string{"-"}
	}
	var lines []string
	answers := map[string][]answer{}
	m.signIn()
	for _, kind := range asked {
		m.later()
		if r.pattern == "POST /status" {
			m.later() // whoever guesses there has to wait longer
			m.later()
		}
		var statuses []string
		for _, name := range visitorNames {
			a := m.ask(name, r, w, kind)
			m.check(t, r, w, kind, name, a)
			answers[kind] = append(answers[kind], a)
			statuses = append(statuses, strconv.Itoa(a.status))
		}
		lines = append(lines, columns(strings.TrimSpace(r.pattern+" "+w.label), kind, statuses))
	}
	if tellApart[r.pattern] == "" && len(asked) > 1 {
		m.alike(t, r, w, answers["other"], answers["absent"])
	}
	return lines
}

// columns is a line of the table.
func columns(name, kind string, cells []string) string {
	line := fmt.Sprintf("%-78s %-7s", name, kind)
	for i, c := range cells {
		line += fmt.Sprintf(" %-*s", len(visitorNames[i]), c)
	}
	return strings.TrimRight(line, " ") + "\n"
}

// check is what no table may say otherwise.
func (m *tableTest) check(t *testing.T, r route, w way, kind, name string, a answer) {
	t.Helper()
	told := func(format string, args ...any) {
		t.Errorf("%s %s (%s) by %s = %d: %s: %.300s", r.pattern, w.label, kind, name, a.status, fmt.Sprintf(format, args...), a.body)
	}
	if a.status >= http.StatusInternalServerError && a.status != http.StatusServiceUnavailable && a.status != http.StatusNotImplemented {
		told("want no failure")
	}
	if r.open != slices.Contains(open, r.pattern) {
		told("that it is open to everybody: %t, want it to stand in the list of those", r.open)
	}
	if s := m.secret[name]; s != "" && strings.Contains(a.body+a.header.Get("Location"), s) {
		told("it tells of what only another agency may see")
	}
	switch {
	case name == "nobody":
		refused := a.status == http.StatusUnauthorized || a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), "/sign-in")
		if !r.open && !refused {
			told("want nobody to come in")
		}
	case name == "program":
		_, may := web.KeyOperations()[r.operation]
		if may == (a.status == http.StatusForbidden) {
			told("a key may call it: %t", may)
		}
	case r.open:
	case kind == "other" && name != "root" && a.status < 400 && (way{}).varies(r.pattern) && tellApart[r.pattern] == "":
		told("want nobody to be let in to another agency's")
	default:
		m.checkPower(r, w, kind, m.users[name], a, told)
	}
}

// checkPower compares a status with what roles.go says.
func (m *tableTest) checkPower(r route, w way, kind string, u sohoa.User, a answer, told func(string, ...any)) {
	may := r.power == web.AnybodyIn || u.May(r.power) && (!r.power.Whole() || u.Agency == "")
	refused := a.status == http.StatusForbidden && (strings.Contains(a.body, `"code":"forbidden"`) || strings.Contains(html.UnescapeString(a.body), forbidden))
	more := slices.ContainsFunc(elsewhere, func(end string) bool { return strings.HasSuffix(r.pattern, end) })
	switch {
	case !may && !refused:
		told("want 403: %s has no power to %s there", u.Name, r.power)
	case may && refused && !more:
		told("want an answer: %s has the power to %s", u.Name, r.power)
	case may && kind == "own" && a.status == http.StatusNotFound && !w.missing:
		told("want it to be there: %s has the power to %s", u.Name, r.power)
	}
}

// forbidden is what pages say to those who lack a power.
var forbidden = (&sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "forbidden"}).Text(sohoa.Vietnamese)

// entries are the newest of the journal, on the administrator's page.
var entries = regexp.MustCompile(`(?s)<ol class="entries">.*</ol>`)

// changing are parts of pages that differ at each look: places, times, and
// names made up.
var changing = regexp.MustCompile(`data-since="[^"]*"|sealed=[A-Za-z0-9_-]+|moi-\d+|\d\d/\d\d/\d{4} \d\d:\d\d`)

// alike compares what is answered about another agency's thing and about what
// is not there, for those who may not see the former.
func (m *tableTest) alike(t *testing.T, r route, w way, others, absents []answer) {
	t.Helper()
	for i, name := range visitorNames {
		if name == "root" {
			continue
		}
		other, absent := m.plain(others[i]), m.plain(absents[i])
		if strings.HasPrefix(r.pattern, "POST /admin/") {
			other, absent = entries.ReplaceAllString(other, ""), entries.ReplaceAllString(absent, "")
		}
		if other == absent {
			continue
		}
		at := 0
		for at < min(len(other), len(absent)) && other[at] == absent[at] {
			at++
		}
		t.Errorf("%s %s by %s tells another's from what is not there: %.200q, %.200q", r.pattern, w.label, name, other[max(0, at-60):], absent[max(0, at-60):])
	}
}

// plain is an answer without the identifiers of what was asked for.
func (m *tableTest) plain(a answer) string {
	text := changing.ReplaceAllString(strconv.Itoa(a.status)+" "+a.header.Get("Location")+" "+a.body, "")
	return m.nameless.Replace(text)
}

// compareTables compares with the table that is kept.
func compareTables(t *testing.T, got string) {
	t.Helper()
	kept, err := os.ReadFile(accessTable)
	if err != nil {
		t.Fatalf("%v: write it with -update", err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(kept)) {
		want[rowName(line)] = line
	}
	for line := range strings.Lines(got) {
		name := rowName(line)
		if strings.HasPrefix(line, "# ") && !strings.Contains(line, "nobody") {
			continue
		}
		switch had, ok := want[name]; {
		case !ok:
			t.Errorf("%s is not in the table: say who may call it, with -update", name)
		case had != line:
			t.Errorf("it is\n%swant\n%s", line, had)
		}
		delete(want, name)
	}
	for name := range want {
		if !strings.HasPrefix(name, "#") {
			t.Errorf("the table has %s, which is no route", name)
		}
	}
}

// rowName is what a line of the table is about.
func rowName(line string) string { return strings.Join(strings.Fields(line[:min(len(line), 86)]), " ") }

// way is one way to call a route.
type way struct {
	label       string // to tell ways apart
	op          string // {op}
	query, body string // with the names of things in capitals
	missing     bool   // what is asked for is not there for everybody with the power
}

// named are the capitals by which ways name what is somebody's.
var named = regexp.MustCompile(`DOSSIER|DOC|SET\b|DISPOSAL|USER|AGENCY|REUSE|SAVED|HOOK|LOOKUP`)

// placeholder is a part of a pattern that is filled in.
var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// constant are placeholders for what is nobody's.
var constant = map[string]string{"page": "1", "role": "original", "req": paperCode, "requirement": paperCode, "token": "bGFu.AAAA", "secret": "AAAAAAAAAAAAAAAA",
	"link": "AAAA", "signature": "01JABCDEFGHJKMNPQRSTVWXYZ0", "step": "0", "procedure": "1.001193", "day": "2026-11-30", "size": "thumb", "op": ""}

// varies reports whether it matters whose thing is asked for.
func (w way) varies(pattern string) bool {
	for _, p := range placeholder.FindAllStringSubmatch(pattern, -1) {
		if _, fixed := constant[p[1]]; !fixed {
			return true
		}
	}
	return named.MatchString(w.query + w.body)
}

// waysOf are the ways to call a route; one without anything where none is
// said.
func waysOf(pattern string) []way {
	if w := ways[pattern]; w != nil {
		return w
	}
	return []way{{}}
}

// path fills in the placeholders of a pattern.
func (th things) path(t testing.TB, pattern string, w way) string {
	_, path, _ := strings.Cut(strings.Replace(pattern, "/{$}", "/", 1), " ")
	return placeholder.ReplaceAllStringFunc(path, func(p string) string {
		name := strings.Trim(p, "{}")
		if name == "op" {
			return w.op
		}
		if fixed, ok := constant[name]; ok {
			return fixed
		}
		v := map[string]string{"id": th.doc, "set": th.set, "user": th.user, "name": th.user, "reuse": th.reuse, "saved": th.saved, "webhook": th.hook,
			"code": th.dossier, "flag": th.flag, "sample": th.sample, "agency": th.agency, "key": th.key, "device": th.device, "passkey": th.passkey}[name]
		switch {
		case name == "code" && (strings.Contains(pattern, "/q/") || strings.Contains(pattern, "/lookup/")):
			v = th.lookup
		case name == "id" && strings.Contains(pattern, "/disposal/"):
			v = th.disposal
		case name == "id" && strings.Contains(pattern, "/papers/"):
			v = th.offer
		case name == "id" && strings.Contains(pattern, "/sets/"):
			v = th.item
		}
		if v == "" {
			t.Errorf("%s: say in things.path what %s is", pattern, p)
		}
		return url.PathEscape(v)
	})
}
