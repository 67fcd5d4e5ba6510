package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
	"sohoa/web"
)

// The office of the campaign. People and numbers are invented.
var (
	agency    = sohoa.Agency{Code: "H00.00.99", Name: "Ủy ban nhân dân xã Thử Thách"}
	procedure = sohoa.Procedure{Code: "1.001193", Name: "Đăng ký khai sinh"}
	users     = []sohoa.User{
		{Name: "admin", FullName: "Quản trị viên", Roles: []sohoa.UserRole{sohoa.UserAdmin}},
		{Name: "lan", FullName: "Phạm Thị Ngọc Lan", Roles: []sohoa.UserRole{sohoa.UserClerk}},
		{Name: "binh", FullName: "Đỗ Thanh Bình", Roles: []sohoa.UserRole{sohoa.UserClerk}},
	}
)

const (
	signer = "binh" // who signs sets
	pin    = "123456"
)

// office is the test authority with the keys of the office, and the timestamp
// authority in front of which the campaign stands.
type office struct {
	dir     string
	root    validation.Root
	server  *http.Server
	tsa     string                 // address
	fault   atomic.Pointer[string] // Slug of how the authority misbehaves; "away" drops connections
	stamped atomic.Int64           // timestamps asked for
	people  map[string]*person     // by User.Name
}

// newOffice makes the keys and serves timestamps.
func newOffice(dir string, c *clock) (*office, error) {
	o := &office{dir: dir, people: map[string]*person{}}
	none := ""
	o.fault.Store(&none)
	ca, err := testca.Create(dir, c.Now)
	if err != nil {
		return nil, err
	}
	o.root = validation.Root{World: "test", Certificate: ca.Root()}
	ours, err := ca.Agency(agency.Name)
	if err != nil {
		return nil, err
	}
	theirs, err := ca.Person(users[2].FullName, agency.Name)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(putKey(dir, "agency.p12", ours), putKey(dir, signer+".p12", theirs)); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o.tsa = "http://" + l.Addr().String() + "/tsa"
	handler := ca.Handler()
	o.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.stamped.Add(1)
		switch fault := *o.fault.Load(); fault {
		case "":
		case "away":
			panic(http.ErrAbortHandler)
		default:
			r.URL.Path = "/" + fault + r.URL.Path
		}
		handler.ServeHTTP(w, r)
	})}
	go o.server.Serve(l)
	return o, nil
}

func putKey(dir, name string, id *testca.Identity) error {
	b, err := id.PKCS12(pin)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), b, 0o600)
}

// settings are the server's, as its environment has them.
func (o *office) settings() []string {
	return []string{
		"SOHOA_LANG=en", "SOHOA_SECOND_FACTOR=none", "SOHOA_AGENCY=" + agency.Code,
		"SOHOA_SIGN_KEY=" + filepath.Join(o.dir, "agency.p12"), "SOHOA_SIGN_PASSWORD=" + pin,
		"SOHOA_TRUST=" + filepath.Join(o.dir, "root.pem"), "SOHOA_TSA=" + o.tsa, "SOHOA_TSA_TIMEOUT=2s",
		"SOHOA_SIGNER_KEYS=" + signer + "=" + filepath.Join(o.dir, signer+".p12"),
	}
}

// furnish enters the office and its people into an empty catalogue.
func (o *office) furnish(ctx context.Context, catalog archive.Catalog, c *clock) error {
	err := catalog.Update(ctx, func(tx archive.Tx) error {
		errs := []error{tx.PutAgency(agency), tx.PutProcedure(procedure)}
		for _, u := range users {
			u.CreatedAt = c.Now().UTC()
			if !u.May(sohoa.PowerOperate) {
				u.Agency = agency.Code
			}
			errs = append(errs, tx.PutUser(u))
		}
		return errors.Join(errs...)
	})
	if err != nil {
		return fmt.Errorf("enter the office: %w", err)
	}
	return nil
}

// open lets everybody set their password.
func (o *office) open(ctx context.Context, catalog archive.Catalog, base string) error {
	for _, u := range users {
		// A server that starts makes a link for the administrator, too; the
		// newer one counts.
		token, err := web.SetupLink(ctx, catalog, u.Name)
		if err != nil {
			return err
		}
		o.people[u.Name] = newPerson(u.Name, base)
		if err := o.people[u.Name].setUp(ctx, token); err != nil {
			return err
		}
	}
	return nil
}

// misbehave makes the timestamp authority misbehave: by a fault of testca, or
// "away"; empty ends it.
func (o *office) misbehave(fault string) {
	fault = strings.ReplaceAll(fault, " ", "-")
	o.fault.Store(&fault)
}
