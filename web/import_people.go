package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/web/i18n"
	"sohoa/web/table"
)

// people is the list of users.
func people(s *Server) importing {
	return importing{name: "people", list: "/admin/users", columns: table.People, rows: s.peopleRows, plan: s.planPeople}
}

func personRow(u sohoa.User) []string {
	return []string{u.Name, u.FullName, strings.ReplaceAll(sohoa.JoinRoles(u.Roles), ",", ", "), u.Agency}
}

func (s *Server) peopleRows(ctx context.Context) ([][]string, error) {
	users, err := s.usersInScope(ctx)
	var rows [][]string
	for _, u := range users {
		rows = append(rows, personRow(u))
	}
	return rows, err
}

// usersInScope are those whom the reader administers: of their agencies, and
// of the whole installation only for who is of it too.
func (s *Server) usersInScope(ctx context.Context) ([]sohoa.User, error) {
	users, err := s.cfg.Catalog.Users(ctx)
	scope := scopeOf(ctx)
	return slices.DeleteFunc(users, func(u sohoa.User) bool { return !scope.Includes(u.Agency) }), err
}

// peoplePlan judges one line after the other.
type peoplePlan struct {
	scope    sohoa.Scope
	self     string
	users    map[string]sohoa.User
	agencies map[string]bool
	lines    map[string]int // by name: the line that it stands on
}

func (s *Server) newPeoplePlan(ctx context.Context) (*peoplePlan, error) {
	p := &peoplePlan{scope: scopeOf(ctx), self: userOf(ctx).Name, users: map[string]sohoa.User{}, agencies: map[string]bool{}, lines: map[string]int{}}
	users, err := s.cfg.Catalog.Users(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		p.users[u.Name] = u
	}
	agencies, err := s.cfg.Catalog.Agencies(ctx)
	for _, a := range agencies {
		p.agencies[a.Code] = true
	}
	return p, err
}

func (s *Server) planPeople(r *http.Request, rows []sohoa.TableRow) (importPlan, error) {
	p, err := s.newPeoplePlan(r.Context())
	if err != nil {
		return importPlan{}, err
	}
	var plan importPlan
	var changed []sohoa.User
	now := s.cfg.Now().UTC()
	for _, row := range rows {
		line := importLine{Number: row.Number, Cells: row.Cells, Fate: fateNew}
		u, err := p.judge(row)
		was, known := p.users[u.Name]
		switch {
		case err != nil:
			line.Fate, line.Problem = fateWrong, sohoa.AsProblem(err)
		case !known:
			u.CreatedAt = now
			changed = append(changed, u)
		default:
			line.Fate, line.Cells, line.Was = fateMoved, personRow(u), personRow(was)
			if slices.Equal(line.Cells, line.Was) {
				line.Fate = fateSame
				break
			}
			u.CreatedAt = was.CreatedAt
			changed = append(changed, u)
		}
		plan.Lines = append(plan.Lines, line)
	}
	plan.enter = func(ctx context.Context) error { return s.enterUsers(ctx, changed) }
	return plan, nil
}

// judge reads the user of a line and says as a Problem why they cannot be
// entered.
func (p *peoplePlan) judge(row sohoa.TableRow) (sohoa.User, error) {
	u := sohoa.User{Name: row.Cells[0], FullName: row.Cells[1], Agency: row.Cells[3]}
	if first, ok := p.lines[u.Name]; ok {
		return u, newProblem(sohoa.ErrInvalid, "import.twice", u.Name, strconv.Itoa(first))
	}
	p.lines[u.Name] = row.Number
	var err error
	if u.Roles, err = readRoles(row.Cells[2]); err != nil {
		return u, err
	}
	if err := u.Check(); err != nil {
		return u, err
	}
	return u, p.permit(u)
}

// permit reports as a Problem that u is not the reader's to enter so.
func (p *peoplePlan) permit(u sohoa.User) error {
	was, known := p.users[u.Name]
	switch {
	case !p.scope.Includes(u.Agency) || u.Agency != "" && !p.agencies[u.Agency]:
		return newProblem(sohoa.ErrInvalid, "import.agency-place", u.Agency)
	case known && !p.scope.Includes(was.Agency):
		return newProblem(sohoa.ErrInvalid, "import.user-place", u.Name)
	case u.Name == p.self && (!u.May(sohoa.PowerManage) || u.Agency != was.Agency):
		return newProblem(sohoa.ErrInvalid, "import.self")
	}
	return nil
}

// readRoles reads roles by their names in either language, with commas,
// semicolons or strokes between them.
func readRoles(cell string) ([]sohoa.UserRole, error) {
	var roles []sohoa.UserRole
	whole := strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";/|", r) })
	for _, part := range whole {
		found, ok := roleNamed(part)
		if ok {
			roles = append(roles, found) // a name that has a comma in it
			continue
		}
		for name := range strings.SplitSeq(part, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			if found, ok = roleNamed(name); !ok {
				return nil, newProblem(sohoa.ErrInvalid, "import.role", name, sohoa.JoinRoles(sohoa.UserRoles))
			}
			roles = append(roles, found)
		}
	}
	return inOrder(roles), nil
}

// inOrder are roles once each, in the order in which they are offered.
func inOrder(roles []sohoa.UserRole) []sohoa.UserRole {
	var ordered []sohoa.UserRole
	for _, r := range sohoa.UserRoles {
		if slices.Contains(roles, r) {
			ordered = append(ordered, r)
		}
	}
	return ordered
}

func roleNamed(name string) (sohoa.UserRole, bool) {
	name = archive.Fold(strings.TrimSpace(name))
	for _, r := range sohoa.UserRoles {
		for _, known := range []string{string(r), i18n.Text(sohoa.Vietnamese, "role."+string(r)), i18n.Text(sohoa.English, "role."+string(r))} {
			if archive.Fold(known) == name {
				return r, true
			}
		}
	}
	return "", false
}

// enterUsers enters users, all or none. That one is new or was changed stands
// in the journal, with their roles and agency.
func (s *Server) enterUsers(ctx context.Context, users []sohoa.User) error {
	if len(users) == 0 {
		return nil
	}
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		for _, u := range users {
			act := "change"
			if _, err := tx.Credentials(u.Name); errors.Is(err, sohoa.ErrNotExist) {
				act = "create"
			} else if err != nil {
				return err
			}
			if err := enterUser(tx, userOf(ctx).Name, act, u); err != nil {
				return err
			}
		}
		return nil
	})
}

// enterNewUser enters a user whose name nobody has.
func (s *Server) enterNewUser(ctx context.Context, u sohoa.User) error {
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Credentials(u.Name)
		if err == nil {
			return newProblem(sohoa.ErrConflict, "user.exists", u.Name)
		}
		if !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		return enterUser(tx, userOf(ctx).Name, "create", u)
	})
}

// enterUser enters a user, and what was done in the journal.
func enterUser(tx archive.Tx, actor, act string, u sohoa.User) error {
	if err := tx.PutUser(u); err != nil {
		return err
	}
	about, err := json.Marshal(map[string]string{"act": act, "user": u.Name, "role": sohoa.JoinRoles(u.Roles), "agency": u.Agency})
	if err != nil {
		return err
	}
	_, err = tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionUser, Detail: string(about)})
	return err
}
