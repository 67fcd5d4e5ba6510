package archivetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sohoa"
	"sohoa/archive"
)

func testFactors(t *testing.T, c archive.Catalog) {
	lan := sohoa.User{Name: "lan", FullName: "Lan", Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: "A", CreatedAt: moment}
	binh := sohoa.User{Name: "binh", FullName: "Bình", Roles: []sohoa.UserRole{sohoa.UserAdmin}, Disabled: true, CreatedAt: moment}
	full := archive.Factors{User: "lan", Handle: "h1", Subject: "https://sso.example\nlan", TOTP: &archive.TOTP{Sealed: []byte{1, 2}, Since: moment, Step: 7},
		Recovery: []sohoa.Digest{sohoa.Sum([]byte("a"))}, Passkeys: []archive.Passkey{{ID: "p", Name: "Điện thoại", RP: "localhost", Created: moment, Credential: json.RawMessage(`{"id":"AA=="}`)}}}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutUser(lan), tx.PutUser(binh), tx.PutFactors(full))
	})
	for user, want := range map[string]archive.Factors{"lan": full, "binh": {User: "binh"}} {
		got, err := c.Factors(t.Context(), user)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("Factors of %s: %v (-want +got):\n%s", user, err, d)
		}
		update(t, c, func(tx archive.Tx) error {
			got, err := tx.Factors(user)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("Factors of %s in a transaction (-want +got):\n%s", user, d)
			}
			return err
		})
	}
	for _, by := range []archive.FactorKey{{Handle: "h1"}, {Subject: full.Subject}} {
		if got, err := c.FactorsBy(t.Context(), by); err != nil || got.User != "lan" {
			t.Errorf("FactorsBy(%+v) = %q, %v, want lan", by, got.User, err)
		}
	}
	for _, by := range []archive.FactorKey{{}, {Handle: "h2"}, {Subject: "https://sso.example\nbinh"}} {
		if _, err := c.FactorsBy(t.Context(), by); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("FactorsBy(%+v) = %v, want ErrNotExist", by, err)
		}
	}
	err := c.Update(t.Context(), func(tx archive.Tx) error {
		return tx.PutFactors(archive.Factors{User: "binh", Handle: "h2", Subject: full.Subject})
	})
	if !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("PutFactors with the subject of another = %v, want ErrConflict", err)
	}
	update(t, c, func(tx archive.Tx) error {
		full.Subject, full.TOTP = "", nil
		return errors.Join(tx.PutFactors(full), tx.PutFactors(archive.Factors{User: "binh", Handle: "h2"})) // neither has a subject
	})
	update(t, c, func(tx archive.Tx) error {
		got, err := tx.Users()
		if d := cmp.Diff([]sohoa.User{binh, lan}, got); d != "" {
			t.Errorf("Users in a transaction (-want +got):\n%s", d)
		}
		return err
	})
}

func testDevices(t *testing.T, c archive.Catalog) {
	now := time.Now().UTC().Truncate(time.Second)
	device := func(id, user string, used time.Duration) archive.Device {
		return archive.Device{ID: id, User: user, Agent: "Firefox", Address: "10.0.0.1", By: "password", First: now, Last: now.Add(used), Expires: now.Add(time.Hour)}
	}
	one, two, three, other := device("1", "lan", 1*time.Minute), device("2", "lan", 2*time.Minute), device("3", "lan", 0), device("4", "binh", 0)
	old := device("5", "lan", 0)
	old.Expires = now.Add(-time.Hour)
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDevice(old), tx.PutDevice(one), tx.PutDevice(two), tx.PutDevice(three), tx.PutDevice(other))
	})
	want := func(user string, all ...archive.Device) {
		t.Helper()
		got, err := c.Devices(t.Context(), user)
		if d := cmp.Diff(all, got, cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("Devices of %s: %v (-want +got):\n%s", user, err, d)
		}
	}
	want("lan", two, one, three)
	if _, err := c.Device(t.Context(), "5"); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Device that expired = %v, want ErrNotExist", err)
	}
	three.Last = now.Add(3 * time.Minute)
	update(t, c, func(tx archive.Tx) error { return tx.UseDevice(three) })
	want("lan", three, two, one)
	if err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.EndDevice("lan", "4") }); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("EndDevice of another's = %v, want ErrNotExist", err)
	}
	update(t, c, func(tx archive.Tx) error { return tx.EndDevice("lan", "1") })
	want("lan", three, two)
	update(t, c, func(tx archive.Tx) error {
		n, err := tx.EndDevices("lan", "2")
		if n != 1 {
			t.Errorf("EndDevices but one ended %d, want 1", n)
		}
		return err
	})
	update(t, c, func(tx archive.Tx) error { return tx.UseDevice(three) }) // too late
	want("lan", two)
	want("binh", other)
	if got, err := c.Device(t.Context(), "2"); err != nil || got != two {
		t.Errorf("Device = %+v, %v, want %+v", got, err, two)
	}
}
