package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/web/table"
)

// fate is what an import makes of a line of its table.
type fate = string

// The fates. What is gone has no line: it is in the list, and not in the table
// that takes the list's place.
const (
	fateNew   fate = "new"
	fateMoved fate = "changed"
	fateSame  fate = "same"
	fateGone  fate = "gone"
	fateWrong fate = "wrong"
)

// importLine is a line of a table, with what entering it would do.
type importLine struct {
	Number  int // 0 of what is gone
	Cells   []string
	Was     []string // of what is changed: as it is now
	Fate    fate
	Problem *sohoa.Problem // of what is wrong
}

// Before is what stood in a cell that the import changes.
func (l importLine) Before(i int) string {
	if l.Fate != fateMoved || l.Was[i] == l.Cells[i] {
		return ""
	}
	if l.Was[i] == "" {
		return "—"
	}
	return l.Was[i]
}

// importPlan is what an import would do.
type importPlan struct {
	Lines []importLine
	Notes []string                        // what should be known before
	enter func(ctx context.Context) error // all of it, or nothing
}

// Shown are the lines that a preview lists: what changes something, and no
// more than importShown.
func (p importPlan) Shown() []importLine {
	all := p.listed()
	return all[:min(len(all), importShown)]
}

// Rest is how many lines there are beside them.
func (p importPlan) Rest() int { return len(p.Lines) - len(p.Shown()) }

func (p importPlan) listed() []importLine {
	var all []importLine
	for _, f := range []fate{fateNew, fateMoved, fateGone} {
		for _, l := range p.Lines {
			if l.Fate == f {
				all = append(all, l)
			}
		}
	}
	return all
}

// importing is a list that can be imported and exported.
type importing struct {
	name    string // in addresses and phrases
	list    string // address of the list's page
	columns []table.Column
	rows    func(ctx context.Context) ([][]string, error)
	plan    func(r *http.Request, rows []sohoa.TableRow) (importPlan, error)
}

// importPage is what the page of an import shows.
type importPage struct {
	What    string
	List    string
	Columns []importColumn
	Head    []string
	Plan    *importPlan
	Count   map[fate]int
	Table   string // the rows, for the way back
	Seen    string // what was shown
	Error   string
}

// importColumn is one that may be in the table.
type importColumn struct {
	Name, Key, Help string
	Required        bool
}

// importShown is how many lines a preview lists; the others are counted.
const importShown = 500

func (s *Server) pageImport(what func(*Server) importing) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return s.renderImport(w, r, http.StatusOK, what(s), importPage{})
	}
}

func (s *Server) renderImport(w http.ResponseWriter, r *http.Request, status int, k importing, p importPage) error {
	lang := visitOf(r.Context()).lang
	p.What, p.List, p.Head = k.name, k.list, table.Head(k.columns, lang)
	for i, c := range k.columns {
		p.Columns = append(p.Columns, importColumn{Name: p.Head[i], Key: c.Key, Help: text(r, "import."+k.name+"."+c.Key), Required: c.Required})
	}
	s.render(w, r, status, "import", frame{Title: text(r, "import."+k.name), Body: p})
	return nil
}

// postImport shows what a table would do, or does it: when what it would do is
// what was shown and nothing of it is wrong.
func (s *Server) postImport(what func(*Server) importing) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		k := what(s)
		rows, err := importRows(r, k.columns)
		if err != nil {
			message, status, err := wrong(r, err)
			if err != nil {
				return err
			}
			return s.renderImport(w, r, status, k, importPage{Error: message})
		}
		plan, err := k.plan(r, rows)
		if err != nil {
			return err
		}
		p := previewOf(k, plan, rows)
		if r.PostFormValue("act") != "enter" || p.Count[fateWrong] > 0 {
			return s.renderImport(w, r, http.StatusOK, k, p)
		}
		if p.Seen != r.PostFormValue("seen") {
			p.Error = newProblem(sohoa.ErrConflict, "table.changed").Text(visitOf(r.Context()).lang)
			return s.renderImport(w, r, http.StatusConflict, k, p)
		}
		return s.enterImport(w, r, k, plan, p)
	}
}

func (s *Server) enterImport(w http.ResponseWriter, r *http.Request, k importing, plan importPlan, p importPage) error {
	if err := plan.enter(r.Context()); err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		p.Error = message
		return s.renderImport(w, r, status, k, p)
	}
	http.Redirect(w, r, k.list+"?imported="+strconv.Itoa(p.Count[fateNew])+"-"+strconv.Itoa(p.Count[fateMoved])+"-"+strconv.Itoa(p.Count[fateGone]), http.StatusSeeOther)
	return nil
}

// previewOf is a plan as it is shown: what is wrong first, then what changes.
func previewOf(k importing, plan importPlan, rows []sohoa.TableRow) importPage {
	p := importPage{Plan: &plan, Count: map[fate]int{}, Table: again(k.columns, rows)}
	for _, l := range plan.Lines {
		p.Count[l.Fate]++
	}
	b, err := json.Marshal(plan.Lines)
	if err != nil {
		b = nil // strings and numbers always are JSON
	}
	sum := sha256.Sum256(b)
	p.Seen = hex.EncodeToString(sum[:])
	return p
}

// again is a table that is read as rows were, with their numbers.
func again(columns []table.Column, rows []sohoa.TableRow) string {
	var b strings.Builder
	_ = table.WritePlain(&b, table.Head(columns, sohoa.English), nil) // a Builder takes everything
	line := 2
	for _, row := range rows {
		for ; line < row.Number; line++ {
			b.WriteByte('\n')
		}
		var one bytes.Buffer
		_ = table.WritePlain(&one, row.Cells, nil)
		b.Write(one.Bytes())
		line++
	}
	return b.String()
}

// importRows reads the table that a form brings: a file, or what was shown
// before with what was mended of it.
func importRows(r *http.Request, columns []table.Column) ([]sohoa.TableRow, error) {
	if err := r.ParseMultipartForm(importBytes); err != nil {
		return nil, tooLargeTable(err)
	}
	defer r.MultipartForm.RemoveAll()
	f, _, err := r.FormFile("file")
	if err == nil {
		defer f.Close()
		return table.Read(f, columns)
	}
	kept := r.PostFormValue("table")
	if kept == "" {
		return nil, newProblem(sohoa.ErrInvalid, "table.none")
	}
	rows, err := table.Read(strings.NewReader(kept), columns)
	if err != nil {
		return nil, err
	}
	return mended(r, rows), nil
}

// mended are rows with what somebody typed over what was wrong: the field
// ROW-COLUMN. A row that is emptied, or dropped by the field drop-ROW, is none.
func mended(r *http.Request, rows []sohoa.TableRow) []sohoa.TableRow {
	for i := range rows {
		for c := range rows[i].Cells {
			name := strconv.Itoa(rows[i].Number) + "-" + strconv.Itoa(c)
			if typed, ok := r.PostForm[name]; ok {
				rows[i].Cells[c] = clean(typed[0])
			}
		}
	}
	return slices.DeleteFunc(rows, func(row sohoa.TableRow) bool {
		return strings.Join(row.Cells, "") == "" || r.PostFormValue("drop-"+strconv.Itoa(row.Number)) != ""
	})
}

// importBytes bounds the form of an import: the table comes as a file, or as a
// field.
const importBytes = sohoa.MaxTableBytes + 1<<20

func tooLargeTable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return newProblem(sohoa.ErrInvalid, "table.bytes", strconv.Itoa(sohoa.MaxTableBytes>>20))
	}
	return newProblem(sohoa.ErrInvalid, "table.none")
}

// exportList gives a list as a table. An empty one serves as a form to fill
// in.
func (s *Server) exportList(what func(*Server) importing) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		k := what(s)
		var rows [][]string
		if !r.URL.Query().Has("empty") {
			var err error
			if rows, err = k.rows(r.Context()); err != nil {
				return err
			}
		}
		return giveTable(w, r, k.name, table.Head(k.columns, visitOf(r.Context()).lang), rows)
	}
}

// giveTable answers with a table as a file: CSV, or XLSX where the form asks
// for it.
func giveTable(w http.ResponseWriter, r *http.Request, name string, head []string, rows [][]string) error {
	given := table.Sheet{Name: name, Head: head}
	for _, row := range rows {
		cells := make([]any, len(row))
		for i, cell := range row {
			cells[i] = cell
		}
		given.Rows = append(given.Rows, cells)
	}
	return giveTables(w, r.FormValue("format"), name, given)
}

// imported is what an import did, as the address of the list says: how many
// are new, changed and gone.
func imported(r *http.Request) []int {
	var counts []int
	for n := range strings.SplitSeq(r.URL.Query().Get("imported"), "-") {
		if v, err := strconv.Atoi(n); err == nil {
			counts = append(counts, v)
		}
	}
	if len(counts) != 3 {
		return nil
	}
	return counts
}
