package ingest

import (
	"context"
	"fmt"
	"time"

	"sohoa"
	"sohoa/archive/eark"
)

// success is the outcome of events that happened.
const success = "success"

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// fullNames are those of the users by sign-in name.
func (s *Service) fullNames(ctx context.Context) (map[string]string, error) {
	users, err := s.Catalog.Users(ctx)
	names := map[string]string{}
	for _, u := range users {
		names[u.Name] = u.FullName
	}
	return names, err
}

// cast gathers who took part in the events of a package.
type cast struct {
	pkg   *eark.Package
	names map[string]string
	seen  map[string]bool
}

// of is the identifier of a user, or of the program, as an agent of the
// package.
func (c *cast) of(user string) string {
	agent := eark.Agent{ID: "user:" + user, Name: user, Type: "person"}
	if full := c.names[user]; full != "" {
		agent.Name = full
	}
	if user == "" || user == system {
		agent = eark.Agent{ID: "software:sohoa", Name: "sohoa " + c.pkg.Version, Type: "software"}
	}
	return c.add(agent)
}

func (c *cast) add(a eark.Agent) string {
	if !c.seen[a.ID] {
		c.seen[a.ID] = true
		c.pkg.Agents = append(c.pkg.Agents, a)
	}
	return a.ID
}

// eventTypes are journal actions in the words of PREMIS (eventType vocabulary
// of the Library of Congress). Reading is one event, not one for each page;
// signatures are told from what is known of them.
var eventTypes = map[sohoa.Action]string{
	sohoa.ActionAccept:  "transfer", // digitising, in the circular's words
	sohoa.ActionCompose: "normalization",
	sohoa.ActionKeep:    "ingestion",
	sohoa.ActionRenew:   "digital signature evidence renewal",
	sohoa.ActionRecover: "recovery",
	sohoa.ActionArrange: "modification",
	sohoa.ActionAmend:   "metadata modification",
	sohoa.ActionImport:  "accession",
}

// events is the life of a document as PREMIS tells it.
func (c *cast) events(doc sohoa.Document, history []sohoa.Entry) (out []eark.Event) {
	read := eark.Event{Type: "text recognition (OCR)", Outcome: success}
	pages := 0
	for _, e := range history {
		if e.Action == sohoa.ActionRead {
			pages++
			read.Time, read.Agent = e.Time, c.of(e.Actor)
			read.Detail = fmt.Sprintf("%d trang", pages)
			continue
		}
		if kind, ok := eventTypes[e.Action]; ok {
			out = append(out, eark.Event{Type: kind, Time: e.Time, Detail: string(e.Action), Outcome: success, Agent: c.of(e.Actor)})
		}
	}
	if pages > 0 {
		out = append(out, read)
	}
	for _, m := range doc.Signatures {
		out = append(out, c.signature(m)...)
	}
	return append(out, c.decisions(doc.Life)...)
}

// signature is what happened when a signature was made: none counts that was
// not validated afterwards.
func (c *cast) signature(m sohoa.SignatureMade) []eark.Event {
	who := "person"
	if m.User == "" {
		who = "organization" // the office's own key
	}
	signer := c.add(eark.Agent{ID: "signer:" + m.Signer, Name: m.Signer, Type: who})
	note := fmt.Sprintf("%s, %s, %s", m.Field, m.Part, m.Level)
	out := []eark.Event{{Type: "digital signature generation", Time: m.Time, Detail: note, Outcome: success, Agent: signer},
		{Type: "digital signature validation", Time: m.Time, Detail: note, Outcome: success, Agent: c.of(system)}}
	if !m.Stamped.IsZero() {
		out = append(out, eark.Event{Type: "timestamping", Time: m.Stamped, Detail: m.Field, Outcome: success, Agent: c.of(system)})
	}
	return out
}

// decisions are what took a result out of force.
func (c *cast) decisions(l sohoa.Life) (out []eark.Event) {
	if r := l.Revoked; r != nil {
		out = append(out, eark.Event{Type: "revocation", Time: r.At, Detail: r.Decision + ": " + r.Reason, Outcome: success, Agent: c.of(r.By)})
	}
	if r := l.Replaced; r != nil {
		out = append(out, eark.Event{Type: "replacement", Time: r.At, Detail: r.By.String(), Outcome: success, Agent: c.of(r.Actor)})
	}
	return out
}
