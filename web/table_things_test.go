package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
)

// agencyT is above agency A.
const agencyT = "H49"

// Dossiers of the table: of agency B, and of nobody.
const (
	dossierOther  = "H49.64.34-261122-0077"
	dossierAbsent = "H49.64.33-261122-9999"
)

// secretName stands in whatever agency A has, and secretOther in what B has;
// nobody of the other agency may hear of it.
const (
	secretName  = "bi-mat-cua-A"
	secretOther = "bi-mat-cua-B"
)

// visitorNames are the columns of the table.
var visitorNames = []string{"nobody", "clerk", "official", "seal-keeper", "staff", "archivist", "inspector", "admin", "root", "program"}

// things are what an agency has.
type things struct {
	agency, dossier, doc, item, set, disposal, user, hook, lookup, reuse, saved, offer, flag, sample string
	key, device, passkey                                                                             string
}

// tableTest are the visitors, and what they ask about.
type tableTest struct {
	o        *office
	visitors map[string]visitor
	users    map[string]sohoa.User
	secret   map[string]string // that a visitor may not hear
	things   map[string]things // by kind
	nameless *strings.Replacer
	fresh    int // counts what is made anew
	asked    int // counts rows since everybody signed in
	entered  []func(archive.Tx) error
	dirty    bool // something may have changed since all was entered
}

func newTable(o *office) *tableTest {
	o.t.Helper()
	m := &tableTest{o: o, visitors: map[string]visitor{"nobody": {o.stranger(), "", ""}}, users: map[string]sohoa.User{}, secret: map[string]string{}}
	m.people()
	offer := m.offered()
	m.things = map[string]things{"own": m.agency(agencyA, dossierA, "clerk", secretName), "other": m.agency(agencyB, dossierOther, "clerk-b", secretOther)}
	own := m.things["own"]
	own.offer = offer.ID.String()
	own.saved = m.savedBy("clerk")
	m.things["own"] = own
	none := func() string { return string(sohoa.NewSetID(o.now())) }
	m.things["absent"] = things{agency: "H49.64.99", dossier: dossierAbsent, doc: none(), item: none(), set: none(), disposal: none(), user: "khong-co", hook: none(),
		lookup: sohoa.NewLookup(), reuse: none(), saved: none(), offer: none(), flag: none(), sample: none(),
		key: "chua-he-co", device: none(), passkey: none()}
	m.things["-"] = m.things["own"]
	m.forget()
	o.offers(dossierA, offer.ID)
	return m
}

// Each row of the table is asked a while after the one before, when what is
// limited by the minute is free again. One session is good for so many rows:
// it lasts twelve hours. All rows are asked before links of today end, after
// 72 hours; of 1,000 rows they would not be.
const (
	betweenRows    = 4 * time.Minute
	rowsOfASession = 120
)

// later is when the next row is asked.
func (m *tableTest) later() {
	before := m.o.now
	m.o.now = func() time.Time { return before().Add(betweenRows) }
	m.asked++
}

// signIn signs everybody in anew before their session ends. It is done before
// a route is asked about anything: who has just come has no dossier at hand.
func (m *tableTest) signIn() {
	if m.asked < rowsOfASession {
		return
	}
	m.asked = 0
	for name := range m.users {
		m.visitors[name] = visitor{m.o.signedIn(name), "", ""}
	}
}

// people are the visitors of the table, and a clerk of agency B.
func (m *tableTest) people() {
	o := m.o
	o.update(func(tx archive.Tx) error {
		return errors.Join(tx.PutAgency(sohoa.Agency{Code: agencyT, Name: "UBND tỉnh"}),
			tx.PutAgency(sohoa.Agency{Code: agencyA, Name: "UBND xã Kỳ Sơn", Parent: agencyT}))
	})
	for name, agency := range map[string]string{"clerk": agencyA, "official": agencyA, "seal-keeper": agencyA, "staff": agencyA,
		"archivist": agencyT, "inspector": agencyT, "admin": agencyT, "root": "", "clerk-b": agencyB} {
		role := sohoa.UserRole(name)
		switch name {
		case "root":
			role = sohoa.UserAdmin
		case "clerk-b":
			role = sohoa.UserClerk
		default:
			m.secret[name] = secretOther
		}
		u := sohoa.User{Name: name, FullName: "Người " + map[string]string{agencyA: secretName, agencyB: secretOther}[agency], Roles: []sohoa.UserRole{role}, Agency: agency, CreatedAt: o.now()}
		o.update(func(tx archive.Tx) error { return tx.PutUser(u) })
		m.users[name], m.visitors[name] = u, visitor{o.signedIn(name), "", ""}
		m.put(func(tx archive.Tx) error {
			d := archive.Device{ID: "may-" + name, User: name, First: o.now(), Last: o.now(), Expires: o.now().Add(24 * time.Hour)}
			if err := tx.EndDevice(d.User, d.ID); err != nil && !errors.Is(err, sohoa.ErrNotExist) {
				return err
			}
			return tx.PutDevice(d)
		})
	}
	m.secret["nobody"] = secretOther
	m.secret["program"] = secretOther
	p := o.program("of-a", sohoa.KeyScopes...)
	m.visitors["program"] = visitor{p.client, p.secret, ""}
	o.program("of-b", sohoa.KeyScopes...)
	for name, agency := range map[string]string{"of-a": agencyA, "of-b": agencyB} {
		m.put(func(tx archive.Tx) error {
			k, err := tx.APIKey(name)
			k.Agencies, k.Revoked = []string{agency}, time.Time{}
			return errors.Join(err, tx.PutAPIKey(k))
		})
	}
}

// offered is a result of agency B that is offered to dossiers of A.
func (m *tableTest) offered() sohoa.Document {
	c := m.visitors["clerk-b"]
	doc := c.upload(dossierB, "giấy khai sinh.jpg", scan(m.o.t, "to-khai-01.jpg"))
	m.o.shelf.split(doc.ID, "to-khai-01.jpg")
	m.o.shelf.read(doc.ID, 1, "to-khai-01.jpg")
	m.o.shelf.keep(doc.ID)
	return doc
}

// agency is one of everything for an agency.
func (m *tableTest) agency(code, dossier, clerk, secret string) things {
	o, c := m.o, m.visitors[clerk]
	th := things{agency: code, dossier: dossier, user: clerk + "-2", key: map[string]string{agencyA: "of-a", agencyB: "of-b"}[code], device: "may-" + clerk, passkey: "khoa-" + clerk}
	m.put(func(tx archive.Tx) error {
		return tx.PutUser(sohoa.User{Name: th.user, FullName: "Người " + secret, Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: code, CreatedAt: o.now()})
	})
	m.put(func(tx archive.Tx) error {
		return tx.PutDossier(sohoa.Dossier{Code: dossier, Procedure: "1.001193", Agency: code, Owner: sohoa.Owner{Name: "Phạm " + secret}, Subject: secret, CreatedAt: o.now(), CreatedBy: clerk})
	})
	var docs [2]sohoa.Document
	for i := range docs {
		doc := c.upload(dossier, secret+strconv.Itoa(i)+".jpg", append(scan(o.t, "giay-khai-sinh-01.jpg"), byte(i)))
		o.shelf.split(doc.ID, "giay-khai-sinh-01.jpg")
		o.shelf.read(doc.ID, 1, "giay-khai-sinh-01.jpg")
		o.shelf.keep(doc.ID)
		o.update(func(tx archive.Tx) (err error) {
			docs[i], err = tx.Document(doc.ID)
			docs[i].Lookup = sohoa.NewLookup()
			return err
		})
	}
	th.doc, th.item, th.lookup, th.offer = docs[0].ID.String(), docs[1].ID.String(), docs[0].Lookup, docs[0].ID.String()
	set := sohoa.SigningSet{ID: sohoa.NewSetID(o.now()), Title: secret, Agency: code, State: sohoa.SetOpen, CreatedAt: o.now(), CreatedBy: clerk,
		Steps: []sohoa.SignStep{{Part: sohoa.PartPerson, User: "official"}}}
	docs[1].Set = set.ID
	disposal := sohoa.Disposal{ID: sohoa.NewSetID(o.now()), Title: secret, Agency: code, State: sohoa.DisposalProposed, Proposed: sohoa.Decision{By: "archivist", At: o.now(), Reason: secret}}
	use := sohoa.Reuse{ID: sohoa.NewSetID(o.now()), Dossier: dossier, Requirement: "KQ.000456", Document: docs[0].ID, State: sohoa.ReuseAccepted, At: o.now()}
	hook := sohoa.Webhook{ID: sohoa.NewSetID(o.now()), URL: "https://mc.example/" + secret, Key: th.key, Events: sohoa.HookEvents, Secret: "whsec_secret"}
	th.set, th.disposal, th.reuse, th.hook = string(set.ID), string(disposal.ID), string(use.ID), string(hook.ID)
	th.saved = m.savedBy(clerk)
	flag := sohoa.Flag{ID: sohoa.NewSetID(o.now()), Actor: clerk, Agency: code, From: o.now(), Until: o.now(), Documents: 900, Persons: 800, Dossiers: []sohoa.FlagCount{{Name: secret, Documents: 9}}}
	sample := sohoa.Sample{ID: sohoa.NewSetID(o.now()), Agency: code, From: "2020-01-01", Until: "2026-12-31", Size: 1, Seed: secret, Given: true, Among: 1, Drawn: 1, By: "archivist", At: o.now()}
	th.flag, th.sample = string(flag.ID), string(sample.ID)
	m.put(func(tx archive.Tx) error {
		return errors.Join(tx.PutFlag(flag), tx.PutSample(sample),
			tx.PutSampleItem(sohoa.SampleItem{Sample: sample.ID, Document: docs[0].ID, Dossier: dossier, Agency: code, Pages: 1, Revision: 1}))
	})
	m.put(func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(docs[0]), tx.PutSigningSet(set), tx.PutDocument(docs[1]),
			tx.PutSetItem(sohoa.SetItem{Set: set.ID, Document: docs[1].ID, State: sohoa.ItemDue, Signer: "official"}), tx.PutDisposal(disposal),
			tx.PutDisposalItem(sohoa.DisposalItem{Disposal: disposal.ID, Document: docs[0].ID, Dossier: dossier, State: sohoa.VerdictNone}), tx.PutReuse(use), tx.PutWebhook(hook))
	})
	return th
}

// savedBy is a search that a user saved.
func (m *tableTest) savedBy(user string) string {
	s := sohoa.SavedSearch{ID: sohoa.NewSetID(m.o.now()), User: user, Name: "đã lưu", Query: "x"}
	m.put(func(tx archive.Tx) error { return tx.PutSavedSearch(s) })
	return string(s.ID)
}

// put enters something, now and before each request that may change it.
func (m *tableTest) put(f func(archive.Tx) error) {
	m.entered = append(m.entered, f)
	m.o.update(f)
}

// prove has somebody prove who they are, and gives them the passkey that they
// have, for a request about how they sign in; the function that it returns
// takes it away again, so that they can sign in without.
func (m *tableTest) prove(name string, r route) (after func()) {
	u, person := m.users[name]
	if !person || !strings.Contains(r.pattern, " /account/") {
		return func() {}
	}
	m.visitors[name].post("/account/confirm", url.Values{"password": {goodPassword}})
	if !strings.Contains(r.pattern, "{passkey}") {
		return func() {}
	}
	put := func(keys ...archive.Passkey) {
		m.o.update(func(tx archive.Tx) error {
			return errors.Join(tx.PutFactors(archive.Factors{User: u.Name, Handle: "tay-" + u.Name, Passkeys: keys}))
		})
	}
	put(archive.Passkey{ID: "khoa-" + u.Name, Name: "khóa", RP: "so-hoa.example", Created: m.o.now(), Credential: []byte("{}")})
	return func() { put() }
}

// reset enters everything again.
func (m *tableTest) reset() {
	m.dirty = false
	m.o.update(func(tx archive.Tx) error {
		for _, code := range []string{dossierA, dossierOther} {
			used, err := tx.DossierReuses(code)
			if err != nil {
				return err
			}
			for _, u := range used {
				u.State, u.Reason = sohoa.ReuseEnded, sohoa.ReuseMistake
				if err := tx.PutReuse(u); err != nil {
					return err
				}
			}
		}
		for _, f := range m.entered {
			if err := f(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// forget makes the replacer that takes identifiers out of answers.
func (m *tableTest) forget() {
	var pairs []string
	for _, kind := range []string{"other", "absent"} {
		th := m.things[kind]
		for _, id := range []string{th.dossier, th.doc, th.item, th.set, th.disposal, th.user, th.hook, th.lookup, th.reuse, th.saved, th.offer, th.agency, th.flag, th.sample, th.key, th.device, th.passkey} {
			pairs = append(pairs, id, "ID")
		}
	}
	m.nameless = strings.NewReplacer(pairs...)
}

// ask asks one route as one visitor.
func (m *tableTest) ask(name string, r route, w way, kind string) answer {
	m.o.t.Helper()
	method, _, _ := strings.Cut(r.pattern, " ")
	if method != http.MethodGet && m.dirty {
		m.reset()
	}
	m.fresh++
	th := m.things[kind]
	if _, person := m.users[name]; person && kind == "own" {
		th.device, th.passkey = "may-"+name, "khoa-"+name
	}
	fill := strings.NewReplacer("DOSSIER", th.dossier, "DOC", th.doc, "ITEM", th.item, "DISPOSAL", th.disposal, "USER", th.user, "AGENCY", th.agency, "REUSE", th.reuse,
		"SAVED", th.saved, "HOOK", th.hook, "LOOKUP", th.lookup, "SET", th.set, "OFFER", m.things["own"].offer, "NEW", "moi-"+strconv.Itoa(m.fresh), "HAND", dossierA, "PASSWORD", url.QueryEscape(goodPassword), "LOOKS", lookUp(nil))
	v := m.visitors[name]
	defer m.prove(name, r)()
	path := th.path(m.o.t, r.pattern, w)
	if w.query != "" {
		path += "?" + fill.Replace(w.query)
	}
	a := v.ask(method, path, fill.Replace(w.body))
	m.dirty = m.dirty || method != http.MethodGet && (a.status < 400 || a.status >= 500)
	if r.pattern == "POST /sign-in" || r.pattern == "POST /at-hand" {
		v.post("/at-hand", url.Values{"dossier": {""}})
	}
	return a
}
