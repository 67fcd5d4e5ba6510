package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/durable"
	"sohoa/signing/testca"
	"sohoa/web"
	"sohoa/web/i18n"
)

// The demonstration office. People and numbers are invented.
var (
	demoAgency = sohoa.Agency{Code: "H00.00.01", Name: "Ủy ban nhân dân xã Tân An (minh họa)"}

	demoProcedures = []sohoa.Procedure{
		{Code: "1.001193", Name: "Đăng ký khai sinh", Requirements: []sohoa.Requirement{
			{Code: "TP1", Name: "Tờ khai đăng ký khai sinh"}, {Code: "TP2", Name: "Giấy chứng sinh"}}},
		{Code: "2.000635", Name: "Cấp bản sao trích lục hộ tịch", Requirements: []sohoa.Requirement{
			{Code: "TP1", Name: "Tờ khai cấp bản sao trích lục hộ tịch"}}},
		{Code: "1.004227", Name: "Đăng ký biến động quyền sử dụng đất", Result: "gcn-qsdd", Requirements: []sohoa.Requirement{
			{Code: "TP1", Name: "Đơn đăng ký biến động"},
			{Code: "TP2", Name: "Giấy chứng nhận quyền sử dụng đất", Types: []string{"gcn-qsdd"}},
			{Code: "TP3", Name: "Hợp đồng chuyển nhượng đã công chứng", Types: []string{"cong-chung"}, Optional: true}}},
		{Code: "2.001955", Name: "Tiếp nhận, xử lý văn bản hành chính"},
	}

	demoDossiers = []sohoa.Dossier{
		{Code: "H00.00.01-261122-0001", Procedure: "1.001193", Subject: "Đăng ký khai sinh", Owner: sohoa.Owner{Name: "Nguyễn Vĩnh Nghĩa"}},
		{Code: "H00.00.01-261122-0002", Procedure: "1.004227", Subject: "Biến động quyền sử dụng đất", Owner: demoOwner},
		{Code: "H00.00.01-261122-0003", Procedure: "2.001955", Subject: "Văn bản lưu trữ", Owner: sohoa.Owner{Name: "Ủy ban nhân dân xã Tân An"}},
	}

	// A second dossier of the same person, without papers: what the first has
	// can be used there.
	demoAsking = sohoa.Dossier{Code: "H00.00.01-261130-0004", Procedure: "1.004227", Subject: "Chuyển nhượng quyền sử dụng đất", Owner: demoOwner}
	demoOwner  = sohoa.Owner{Name: "Trần Thị Mỹ Dung", IDNumber: "052190004321", BirthDate: "1990-04-12"}

	demoUsers = []sohoa.User{
		{Name: firstAdmin, FullName: "Quản trị viên", Roles: []sohoa.UserRole{sohoa.UserAdmin}},
		{Name: "lan", FullName: "Phạm Thị Ngọc Lan", Roles: []sohoa.UserRole{sohoa.UserClerk}},
		{Name: "binh", FullName: "Đỗ Thanh Bình", Roles: []sohoa.UserRole{sohoa.UserOfficial}},
		{Name: "thu", FullName: "Lê Thị Anh Thư", Roles: []sohoa.UserRole{sohoa.UserSealKeeper}},
		{Name: "chi", FullName: "Vũ Quỳnh Chi", Roles: []sohoa.UserRole{sohoa.UserStaff}},
		{Name: "son", FullName: "Hoàng Ngọc Sơn", Roles: []sohoa.UserRole{sohoa.UserArchivist}},
		{Name: "hanh", FullName: "Ngô Đức Hạnh", Roles: []sohoa.UserRole{sohoa.UserInspector}},
	}
)

// demonstration is a demonstration office that is still to be filled.
type demonstration struct{ set *settings }

// demoSettings is the settings file of a demonstration.
type demoSettings struct {
	Agency       string   `toml:"agency"`
	SignKey      string   `toml:"sign_key"`
	SignPassword string   `toml:"sign_password"`
	TSA          []string `toml:"tsa"`
	Trust        []string `toml:"trust"`
	SignerKeys   []string `toml:"signer_keys"`
	SecondFactor string   `toml:"second_factor"`
}

const (
	settingsFile = "sohoa.toml"
	demoKeyFile  = demoCADir + "/agency.p12"
	demoRootFile = demoCADir + "/root.pem"

	// demoPIN opens the keys of the demonstration's people.
	demoPIN = "123456"
)

// prepareDemo makes a test authority, a key and the settings that use them,
// in an empty data folder. It returns nil where there is a catalogue already.
func prepareDemo(set *settings) (*demonstration, error) {
	if set.shared() {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "database.demo"}
	}
	if fileExists(filepath.Join(set.Data, catalogueFile)) {
		return nil, nil
	}
	if err := os.MkdirAll(set.Data, 0o700); err != nil {
		return nil, unwritable(set.Data, err)
	}
	file := filepath.Join(set.Data, settingsFile)
	if !fileExists(file) {
		if err := makeDemoKeys(set, file); err != nil {
			return nil, fmt.Errorf("prepare demonstration: %w", err)
		}
	}
	return &demonstration{set}, nil
}

// makeDemoKeys makes the authority, the key and, last, the settings file.
func makeDemoKeys(set *settings, file string) error {
	dir := filepath.Join(set.Data, demoCADir)
	if err := os.RemoveAll(dir); err != nil { // of a run that was cut off
		return err
	}
	ca, err := testca.Create(dir, time.Now)
	if err != nil {
		return err
	}
	agency, err := ca.Agency(demoAgency.Name)
	if err != nil {
		return err
	}
	password := rand.Text()
	if err := putDemoKey(set, demoKeyFile, agency, password); err != nil {
		return err
	}
	signers, err := makeSignerKeys(set, ca)
	if err != nil {
		return err
	}
	s := demoSettings{Agency: demoAgency.Code, SignKey: demoKeyFile, SignPassword: password,
		TSA: []string{testTSA}, Trust: []string{demoRootFile}, SignerKeys: signers, SecondFactor: string(web.SecondNone)}
	var b strings.Builder
	b.WriteString("# Settings of the demonstration; `sohoa config` lists them all.\n")
	if err := toml.NewEncoder(&b).Encode(s); err != nil {
		return err
	}
	if os.Getenv("SOHOA_SECOND_FACTOR") == "" {
		set.SecondFactor = web.SecondNone // whoever tries it out needs no phone
	}
	set.Agency, set.SignKey, set.SignPassword, set.TSA, set.Trust = s.Agency, s.SignKey, s.SignPassword, s.TSA, s.Trust
	if len(set.SignerKeys) == 0 {
		set.SignerKeys = s.SignerKeys
	}
	return durable.WriteFile(file, []byte(b.String()))
}

// makeSignerKeys makes a key for each of the people, and returns the setting
// that says whose is where.
func makeSignerKeys(set *settings, ca *testca.Authority) ([]string, error) {
	var keys []string
	for _, u := range demoUsers {
		if !u.May(sohoa.PowerSign) {
			continue
		}
		id, err := ca.Person(u.FullName, demoAgency.Name)
		if err != nil {
			return nil, err
		}
		file := demoCADir + "/" + u.Name + ".p12"
		if err := putDemoKey(set, file, id, demoPIN); err != nil {
			return nil, err
		}
		keys = append(keys, u.Name+"="+file)
	}
	return keys, nil
}

// putDemoKey writes a key and its certificate to a file of the data folder.
func putDemoKey(set *settings, file string, id *testca.Identity, password string) error {
	key, err := id.PKCS12(password)
	if err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(set.Data, file), key)
}

// fill enters the office and digitises the samples.
func (d *demonstration) fill(ctx context.Context, e *engine, samples string, out *streams) error {
	if err := e.catalog.Update(ctx, d.enter); err != nil {
		return fmt.Errorf("make demonstration office: %w", err)
	}
	files, err := listFiles([]string{samples})
	if err != nil {
		return err
	}
	say := "Đang số hóa %d tệp mẫu trong %s …\n"
	if d.set.Lang == sohoa.English {
		say = "Digitising %d sample files in %s …\n"
	}
	fmt.Fprintf(out.err, say, len(files), samples)
	progress := newProgress(out.err, d.set.Lang)
	mine := map[demoPlace][]string{}
	for n, f := range files {
		place := demoPlaceOf(n, filepath.Base(f))
		mine[place] = append(mine[place], f)
	}
	places := slices.SortedFunc(maps.Keys(mine), func(a, b demoPlace) int { return cmp.Or(a.dossier-b.dossier, strings.Compare(a.paper, b.paper)) })
	for _, place := range places {
		job := &adding{app: e.app, dossier: demoDossiers[place.dossier].Code, paper: place.paper, actor: actor(), progress: progress,
			done: func(doc sohoa.Document) error { progress.say("%s", summary(doc, d.set.Lang)); return nil }}
		if err := job.run(ctx, mine[place], e); err != nil {
			return err
		}
	}
	return nil
}

// introduce prints a one-time link for everybody else of the office.
func (d *demonstration) introduce(ctx context.Context, s serving) error {
	say := "Những người khác của đơn vị minh họa (liên kết dùng một lần):\n"
	if d.set.Lang == sohoa.English {
		say = "The other people of the demonstration (one-time links):\n"
	}
	fmt.Fprint(s.out, say)
	for _, u := range demoUsers {
		if u.Name == firstAdmin {
			continue
		}
		link, err := s.link(ctx, "http://"+s.l.Addr().String(), u.Name)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "  %-4s  %s, %s: %s\n", u.Name, u.FullName, i18n.Text(d.set.Lang, "role."+string(u.Roles[0])), link)
	}
	return nil
}

// demoPlace is where a sample file belongs.
type demoPlace struct {
	dossier int    // of demoDossiers
	paper   string // Requirement.Code; empty is none
}

// demoPlaces are those of samples by how their names begin. The certificate is
// what demoAsking can use at once.
var demoPlaces = map[string]demoPlace{"giay-chung-nhan": {1, "TP2"}, "to-khai": {0, "TP1"}}

// demoPlaceOf is the place of the nth sample file.
func demoPlaceOf(n int, name string) demoPlace {
	for prefix, place := range demoPlaces {
		if strings.HasPrefix(name, prefix) {
			return place
		}
	}
	return demoPlace{dossier: n % len(demoDossiers)}
}

// enter puts the office into the catalogue.
func (d *demonstration) enter(tx archive.Tx) error {
	errs := []error{tx.PutAgency(demoAgency)}
	for _, p := range demoProcedures {
		errs = append(errs, tx.PutProcedure(p))
	}
	for _, u := range demoUsers {
		u.CreatedAt = time.Now().UTC()
		if u.Name != firstAdmin {
			u.Agency = demoAgency.Code
		}
		errs = append(errs, tx.PutUser(u))
	}
	for _, o := range append(demoDossiers[:len(demoDossiers):len(demoDossiers)], demoAsking) {
		o.Agency, o.CreatedAt, o.CreatedBy = demoAgency.Code, time.Now().UTC(), actor()
		_, err := tx.Append(sohoa.Entry{Actor: o.CreatedBy, Action: sohoa.ActionDossier, Dossier: o.Code})
		errs = append(errs, tx.PutDossier(o), err)
	}
	return errors.Join(errs...)
}
