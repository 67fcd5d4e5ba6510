package web

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/ingest"
)

// setPart is a signing set without its documents: who signs in which order,
// and how far it is. It comes anew while documents are being signed.
type setPart struct {
	Set      sohoa.SigningSet
	Creator  string // full name
	Steps    []stepLine
	Items    int
	Done     int
	Mine     int // documents that wait for the reader
	Signing  int
	Stamping int
	Ended    int    // refused or withdrawn
	States   string // of the documents, so that rows that are out of date can be told
	Remote   bool   // a remote service waits for the reader's word
}

// Busy reports whether something is going on that nobody here has to do.
func (p setPart) Busy() bool { return p.Signing > 0 }

// stepLine is one signer of a set as shown.
type stepLine struct {
	sohoa.SignStep
	Index   int    // 0-based
	Place   int    // 1-based
	Name    string // of who signs; empty for the office's own key
	For     string // of the one in whose place; empty if nobody's
	Passed  int    // documents that they signed
	Waiting int    // documents that wait for them now
	Mine    bool   // the reader may pass it on: it is their step, or they administer
}

// itemRow is one document of a set as shown.
type itemRow struct {
	sohoa.SetItem
	Doc     sohoa.Document
	Number  int // 1-based
	Part    sohoa.SignPart
	Waits   string // name of who is to sign now; empty for the office's own key
	By      string // name of who ended it
	Mine    bool   // it waits for the reader
	Chosen  bool
	Placed  bool // somebody put the mark of the step whose turn it is
	Open    bool // the set is
	Version string
}

// setPage is what the page of a set shows.
type setPage struct {
	Head       setPart
	Rows       []itemRow
	Key        *ingest.SignerKey // the reader's; nil without one
	Colleagues []sohoa.User      // to whom signing can be passed
	Withdraw   bool              // the reader may
	Error      string
	Tool       string
}

// names are the full names of people by their user names.
type names map[string]string

// of is the name of a user; the user name itself where there is no other.
func (n names) Of(user string) string { return n.of(user) }

func (n names) of(user string) string {
	if name := n[user]; name != "" {
		return name
	}
	return user
}

func (s *Server) names(ctx context.Context) (names, error) {
	users, err := s.cfg.Catalog.Users(ctx)
	n := names{}
	for _, u := range users {
		n[u.Name] = u.FullName
	}
	return n, err
}

// colleagues are those who may sign papers of an agency.
func (s *Server) colleagues(ctx context.Context, agency string) ([]sohoa.User, error) {
	users, err := s.cfg.Catalog.Users(ctx)
	if err != nil {
		return nil, err
	}
	agencies, err := s.cfg.Catalog.Agencies(ctx)
	return slices.DeleteFunc(users, func(u sohoa.User) bool { return !u.Scope(sohoa.PowerSign, agencies).Includes(agency) }), err
}

// set returns a signing set that whoever asks may see.
func (s *Server) set(ctx context.Context, id string) (sohoa.SigningSet, error) {
	if s.cfg.Desk == nil {
		return sohoa.SigningSet{}, newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	parsed, err := sohoa.ParseSetID(id)
	if err != nil {
		return sohoa.SigningSet{}, hideMalformed(err)
	}
	return s.cfg.Catalog.SigningSet(ctx, scopeOf(ctx), parsed)
}

// setHead gathers how far a set is.
func (s *Server) setHead(ctx context.Context, set sohoa.SigningSet, items []sohoa.SetItem) (setPart, error) {
	who, err := s.names(ctx)
	if err != nil {
		return setPart{}, err
	}
	me := userOf(ctx)
	p := setPart{Set: set, Creator: who.of(set.CreatedBy), Items: len(items)}
	for i, step := range set.Steps {
		line := stepLine{SignStep: step, Index: i, Place: i + 1, Name: who.of(step.Signer()),
			Mine: set.State == sohoa.SetOpen && step.Signer() != "" && (step.Signer() == me.Name || me.May(sohoa.PowerManage))}
		if step.Delegate != "" {
			line.For = who.of(step.User)
		}
		p.Steps = append(p.Steps, line)
	}
	mineSigning := false
	var states strings.Builder
	for _, item := range items {
		p.count(item, me.Name)
		mineSigning = mineSigning || item.State == sohoa.ItemSigning && item.Signer == me.Name
		states.WriteString(item.Document.String() + ":" + versionOf(item) + " ")
	}
	p.States = states.String()
	if mineSigning {
		key, err := s.keyOf(ctx)
		if err != nil {
			return p, err
		}
		p.Remote = key != nil && key.Kind == keyRemote
	}
	return p, nil
}

// keyRemote is the kind of a key at a remote service.
const keyRemote = "remote"

// count adds one document to the numbers of its set.
func (p *setPart) count(item sohoa.SetItem, me string) {
	for i := range p.Steps {
		if item.Step > i {
			p.Steps[i].Passed++
		} else if item.Step == i && item.State.Open() {
			p.Steps[i].Waiting++
		}
	}
	switch item.State {
	case sohoa.ItemDone:
		p.Done++
	case sohoa.ItemSigning:
		p.Signing++
	case sohoa.ItemStamping:
		p.Stamping++
	case sohoa.ItemRefused, sohoa.ItemWithdrawn:
		p.Ended++
	case sohoa.ItemDue:
		if item.Signer == me {
			p.Mine++
		}
	}
}

// versionOf changes with whatever the row of a document shows of its item.
func versionOf(i sohoa.SetItem) string {
	v := []string{string(i.State), strconv.Itoa(i.Step), i.Signer}
	if i.Problem != nil {
		v = append(v, i.Problem.Code)
	}
	if len(i.Places) > 0 {
		v = append(v, strconv.Itoa(len(i.Places)))
	}
	return strings.Join(v, ".")
}

// itemRow prepares one document of a set.
func (s *Server) itemRow(ctx context.Context, set sohoa.SigningSet, item sohoa.SetItem, who names) (itemRow, error) {
	doc, err := s.cfg.Catalog.Document(ctx, scopeOf(ctx), item.Document)
	if err != nil {
		return itemRow{}, err
	}
	row := itemRow{SetItem: item, Doc: doc, Number: item.Position + 1, Waits: who.of(item.Signer), Open: set.State == sohoa.SetOpen,
		Mine: item.State == sohoa.ItemDue && item.Signer == userOf(ctx).Name, Version: versionOf(item)}
	if item.Step < len(set.Steps) {
		row.Part = set.Steps[item.Step].Part
	}
	_, row.Placed = item.Places[item.Step]
	if item.Ended != nil {
		row.By = who.of(item.Ended.By)
	}
	return row, nil
}

// keyOf describes the reader's key; nil without one.
func (s *Server) keyOf(ctx context.Context) (*ingest.SignerKey, error) {
	key, err := s.cfg.Desk.KeyOf(ctx, userOf(ctx).Name)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, nil
	}
	return &key, err
}

// setPage gathers what the page of a set shows. Of the documents that wait for
// the reader only one is chosen, or all if only is empty.
func (s *Server) setPage(ctx context.Context, set sohoa.SigningSet, only string) (setPage, error) {
	p := setPage{Tool: s.cfg.Tool}
	items, err := s.cfg.Catalog.SetItems(ctx, set.ID)
	if err != nil {
		return p, err
	}
	if p.Head, err = s.setHead(ctx, set, items); err != nil {
		return p, err
	}
	who, err := s.names(ctx)
	if err != nil {
		return p, err
	}
	for _, item := range items {
		row, err := s.itemRow(ctx, set, item, who)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue // its dossier went to another agency
		}
		if err != nil {
			return p, err
		}
		row.Chosen = row.Mine && (only == "" || only == item.Document.String())
		p.Rows = append(p.Rows, row)
	}
	me := userOf(ctx)
	p.Withdraw = set.State == sohoa.SetOpen && (set.CreatedBy == me.Name || me.May(sohoa.PowerManage))
	if p.Colleagues, err = s.colleagues(ctx, set.Agency); err != nil {
		return p, err
	}
	p.Key, err = s.keyOf(ctx)
	return p, err
}
