package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// addCmd digitises files; it returns when each is kept, or held (--hold) and
// read.
type addCmd struct {
	Paths   []string `arg:"" name:"path" help:"Files, or folders with files."`
	Dossier string   `placeholder:"CODE" help:"Dossier that the papers belong to; made if there is none. Default: one for today."`
	JSON    bool     `name:"json" help:"One document a line as JSON."`

	Procedure string `placeholder:"CODE" help:"Procedure of a dossier that is made."`
	Owner     string `placeholder:"NAME" help:"Who a dossier that is made belongs to."`
	OwnerID   string `placeholder:"NUMBER" help:"Their identity number."`
	BirthDate string `placeholder:"DAY" help:"Their birth date, as 1990-12-31."`

	Paper string `placeholder:"CODE" help:"Which paper of the procedure the files are."`
	Pages int    `placeholder:"N" help:"Pages that were counted on each paper; a file that has others is held."`
}

// newDossier is the dossier that is made if there is none.
func (c *addCmd) newDossier(agency string) (sohoa.Dossier, error) {
	d := sohoa.Dossier{Code: c.Dossier, Agency: agency, Procedure: c.Procedure,
		Owner: sohoa.Owner{Name: c.Owner, IDNumber: c.OwnerID, BirthDate: sohoa.Date(c.BirthDate)}}
	if strings.Trim(c.OwnerID, "0123456789") != "" {
		return d, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "dossier.id-number", Args: []string{c.OwnerID}}
	}
	return d, d.Owner.BirthDate.Check()
}

// Run implements the command.
func (c *addCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	if c.Dossier == "" {
		c.Dossier = "LE-" + time.Now().In(sohoa.Hanoi).Format("060102")
	}
	dossier, err := c.newDossier(set.Agency)
	if err != nil {
		return err
	}
	if err := a.ensureDossier(ctx, dossier); err != nil {
		return err
	}
	files, err := listFiles(c.Paths)
	if err != nil {
		return err
	}
	e, err := a.start(ctx)
	if err != nil {
		return err
	}
	job := &adding{app: a, dossier: c.Dossier, paper: c.Paper, pages: c.Pages, actor: actor(), progress: newProgress(out.err, set.Lang)}
	job.done = func(d sohoa.Document) error { return c.print(out.out, set.Lang, d) }
	err = job.run(ctx, files, e)
	if e != nil {
		err = errors.Join(err, e.Stop())
	}
	if err != nil {
		return err
	}
	if job.failed > 0 {
		return quietError(exitFailed)
	}
	return nil
}

// print writes the line of a finished document.
func (c *addCmd) print(w io.Writer, lang sohoa.Lang, d sohoa.Document) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(d)
	}
	_, err := fmt.Fprintln(w, summary(d, lang))
	return err
}

// summary is a document in one line.
func summary(d sohoa.Document, lang sohoa.Lang) string {
	state := string(d.State)
	if waitsForPerson(d) {
		state = "held"
	}
	line := fmt.Sprintf("%s  %-8s %3d p.  %-18s %s", d.ID, state, d.Pages, d.Signature, d.Name)
	if d.Problem != nil {
		line += "\n    " + d.Problem.Text(lang)
	}
	if p := d.Miscounted(); p != nil {
		line += "\n    " + p.Text(lang)
	}
	if d.SignReason != nil && d.State == sohoa.StateKept {
		line += "\n    " + d.SignReason.Text(lang)
	}
	return line
}

// waitsForPerson reports whether nothing happens to a document before a person
// releases it or confirms its fields.
func waitsForPerson(d sohoa.Document) bool {
	return d.State == sohoa.StateRead && (d.Held || d.Waits != "")
}

// actor is who runs the command, for the journal.
func actor() string {
	if name := os.Getenv("USER"); name != "" {
		return "cli:" + name
	}
	return fmt.Sprintf("cli:uid-%d", os.Getuid())
}

// ensureDossier makes a dossier if there is none of that code.
func (a *app) ensureDossier(ctx context.Context, d sohoa.Dossier) error {
	if err := d.Check(); err != nil {
		return err
	}
	return a.catalog.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Dossier(d.Code)
		if !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		d.CreatedAt, d.CreatedBy = time.Now().UTC(), actor()
		if err := tx.PutDossier(d); err != nil {
			return err
		}
		_, err = tx.Append(sohoa.Entry{Actor: d.CreatedBy, Action: sohoa.ActionDossier, Dossier: d.Code})
		return err
	})
}

// listFiles returns the regular files at paths and in the folders there.
// Hidden files in folders are left out.
func listFiles(paths []string) ([]string, error) {
	var files []string
	for _, p := range paths {
		err := filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case path != p && d.Name()[0] == '.' && d.IsDir():
				return filepath.SkipDir
			case d.IsDir() || path != p && d.Name()[0] == '.':
				return nil
			}
			files = append(files, path)
			return nil
		})
		if err != nil {
			return nil, openFailed(p, err)
		}
	}
	return files, nil
}

// openFailed says to a person that a file is not there; other errors speak
// for themselves.
func openFailed(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "file.not-found", Args: []string{shown(path)}}
	}
	return err
}

// adding brings files in and waits until each is kept or parked, or waits for
// a person.
type adding struct {
	*app
	dossier, actor string
	paper          string // Requirement.Code of what is added
	pages          int    // counted on each
	progress       *progress
	done           func(sohoa.Document) error
	waiting        map[sohoa.DocumentID]bool
	failed         int
}

// run accepts the files one after the other; pages of those accepted are
// worked on meanwhile. e is nil if another process does the work.
func (j *adding) run(ctx context.Context, files []string, e *engine) error {
	j.waiting = map[sohoa.DocumentID]bool{}
	after, err := j.catalog.Head(ctx)
	if err != nil {
		return err
	}
	for _, path := range files {
		if err := j.accept(ctx, path); err != nil {
			return err
		}
	}
	return j.finish(ctx, e, after)
}

// finish waits for the documents; after is the last journal entry from before
// they were looked at.
func (j *adding) finish(ctx context.Context, e *engine, after uint64) error {
	for len(j.waiting) > 0 {
		if err := j.wait(ctx, &e, &after); err != nil {
			return err
		}
	}
	j.progress.end()
	return nil
}

// accept brings one file in. A file that is refused is told of and counted;
// only what concerns all files is an error.
func (j *adding) accept(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	doc, existing, err := j.service.Accept(ctx, ingest.Request{
		Dossier: j.dossier, Name: filepath.Base(path), Actor: j.actor, Body: f, Size: info.Size(), Requirement: j.paper, Expected: j.pages,
	})
	if sohoa.Permanent(err) {
		j.failed++
		j.progress.say("%s: %s", shown(path), sohoa.AsProblem(err).Text(j.set.Lang))
		return nil
	}
	if err != nil {
		return err
	}
	if existing && (doc.State == sohoa.StateKept || waitsForPerson(doc)) {
		if doc.Miscounted() != nil {
			j.failed++
		}
		return j.done(doc)
	}
	if existing && doc.State == sohoa.StateParked {
		j.failed++
		return j.done(doc)
	}
	j.waiting[doc.ID] = true
	return nil
}

// wait looks at the documents again after something happened. If the process
// that did the work is gone, this one takes over.
func (j *adding) wait(ctx context.Context, e **engine, after *uint64) error {
	pages, read := 0, 0
	for id := range j.waiting {
		doc, err := j.catalog.Document(ctx, sohoa.Everything, id)
		if err != nil {
			return err
		}
		pages, read = pages+doc.Pages, read+doc.PagesRead
		if doc.State != sohoa.StateKept && doc.State != sohoa.StateParked && !waitsForPerson(doc) {
			continue
		}
		delete(j.waiting, id)
		if doc.State == sohoa.StateParked || doc.Miscounted() != nil {
			j.failed++
		}
		j.progress.clear()
		if err := j.done(doc); err != nil {
			return err
		}
	}
	if len(j.waiting) == 0 {
		return nil
	}
	j.progress.show(len(j.waiting), read, pages)
	if *e == nil {
		var err error
		if *e, err = j.start(ctx); err != nil {
			return err
		}
	}
	return j.news(ctx, *e, after)
}

// news returns when the journal has grown, the work has failed, or some time
// has passed.
func (j *adding) news(ctx context.Context, e *engine, after *uint64) error {
	soon, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if e != nil {
		stop := context.AfterFunc(e.ctx, cancel)
		defer stop()
	}
	err := j.catalog.Wait(soon, *after)
	if e != nil && e.ctx.Err() != nil {
		return errors.Join(e.Stop(), ctx.Err())
	}
	if err != nil && ctx.Err() == nil {
		return nil
	}
	if err != nil {
		return err
	}
	*after, err = j.catalog.Head(ctx)
	return err
}
