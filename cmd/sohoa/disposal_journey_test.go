package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestDisposalJourney revokes a result and disposes of another, in Chromium:
// a clerk proposes, the council's decision is entered, two administrators
// approve, and the certificate is read.
func TestDisposalJourney(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	s := p.serve("--demo", t.TempDir(), "--disposal-wait", "0s")
	b := newWindow(t, s)
	b.open(strings.TrimPrefix(s.link, s.base))
	b.setsPassword()
	ids := b.brings("quyet-dinh-01.jpg", "bien-ban-01.pdf")

	b.open("/documents/" + ids[0])
	b.wait(`#life .force-in-force`)
	b.click(`#revoke summary`)
	b.fill(`#revoke [name=decision]`, "12/QĐ-UBND ngày 01/12/2026")
	b.fill(`#revoke textarea`, "Cấp sai thẩm quyền")
	b.shot("life-1-revoke")
	b.click(`#revoke [name=sure]`)
	b.click(`#revoke button`)
	b.wait(`#life .force-revoked`)
	b.shot("life-2-revoked")
	b.fill(`#find`, "quyet dinh thu hoi\r")
	b.wait(`.hits .force-revoked`)
	b.shot("life-3-found")

	b.makesDue(ids[1])
	b.shot("disposal-0-due")
	links := map[string]string{}
	for _, name := range []string{"pho", "chanh"} {
		links[name] = b.addsAdministrator(name)
	}
	b.open("/disposal")
	b.shot("disposal-0-list")
	b.wait(`input[name=document][value="` + ids[1] + `"]`)
	b.click(`input[name=document][value="` + ids[1] + `"]`)
	b.fill(`input[name=title]`, "Tài liệu hết thời hạn năm 2018")
	b.fill(`form.stack input[name=reason]`, "Hết thời hạn lưu trữ")
	b.shot("disposal-1-due")
	b.click(`form.stack button.primary`)
	b.wait(`input[name="verdict-` + ids[1] + `"]`)
	at := b.evalString(`location.pathname`)
	b.click(`input[name="verdict-` + ids[1] + `"][value=destroy]`)
	b.fill(`textarea[name=members]`, "Lê Văn A\nTrần Thị B\nPhạm Văn C")
	b.fill(`input[name=minutes]`, "01/BB-HĐXH ngày 20/11/2026")
	b.fill(`input[name=decision]`, "20/QĐ-UBND")
	b.shot("disposal-2-council")
	b.click(`form button.primary`)
	b.wait(`#approve`)
	if b.evalBool(`!!document.querySelector('#approve form')`) {
		t.Error("the proposer is offered to approve")
	}
	for n, name := range []string{"pho", "chanh"} {
		b.click(`form[action="/sign-out"] button`)
		b.wait(`form[action="/sign-in"]`)
		b.open(strings.TrimPrefix(links[name], s.base))
		b.setsPassword()
		b.open(at)
		b.click(`#approve [name=sure]`)
		b.shot("disposal-3-approve")
		b.click(`#approve button`)
		b.wait(`.approval:nth-child(` + string(rune('1'+n)) + `)`)
	}
	b.reloadUntil(at, `.disposal-done`)
	b.shot("disposal-4-done")
	b.open(at + "/certificate")
	b.wait(`pre.certificate`)
	b.shot("disposal-5-certificate")
	text := b.evalString(`document.querySelector('pre.certificate').textContent`)
	for _, want := range []string{"GIẤY CHỨNG NHẬN TIÊU HỦY", ids[1], "20/QĐ-UBND", "Phê duyệt lần 2: chanh", "sha256 "} {
		if !strings.Contains(text, want) {
			t.Errorf("the certificate lacks %q:\n%s", want, text)
		}
	}
	b.open("/documents/" + ids[1])
	b.wait(`.tombstone`)
	b.fill(`#find`, "bien ban\r")
	b.wait(`main h1`)
	if b.evalBool(`document.body.innerText.includes('bien-ban-01')`) {
		t.Error("a search finds what was destroyed")
	}
	if left, _ := filepath.Glob(filepath.Join(p.data, "objects", "ocfl", "*", "*", ids[1])); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	b.quiet()
}

// setsPassword follows a one-time link that is open.
func (b *window) setsPassword() {
	b.t.Helper()
	b.fill(`input[name=password]`, password)
	b.fill(`input[name=again]`, password+"\r")
	b.wait(`form[action="/dossiers"]`)
}

// makesDue gives a document a type of two years, and ends the work on its
// dossier long ago.
func (b *window) makesDue(id string) {
	b.t.Helper()
	said := b.evalString(`Promise.all([
		fetch('/api/v1/documents/` + id + `/life/type', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"type":"chung-thuc-chu-ky"}'}),
		fetch('/api/v1/dossiers/H00.00.01-261122-0078/ended', {method: 'PUT', headers: {'Content-Type': 'application/json'}, body: '{"day":"2015-06-30"}'})]).then(async a => { for (const r of a) if (!r.ok) return await r.text(); return '' })`)
	if said != "" {
		b.t.Fatalf("making it due: %s", said)
	}
}

// addsAdministrator adds a user and returns their one-time link.
func (b *window) addsAdministrator(name string) string {
	b.t.Helper()
	b.open("/admin")
	b.fill(`form[action="/admin/users"] input[name=name]`, name)
	b.fill(`form[action="/admin/users"] input[name=fullName]`, "Lãnh đạo "+name)
	b.do(chromedp.SetValue(chromedp.CSS(`form[action="/admin/users"] select[name=role]`), "admin"))
	b.shot("disposal-0-user-" + name)
	b.click(`form[action="/admin/users"] button`)
	b.wait(`input[data-select]`)
	return b.evalString(`document.querySelector('input[data-select]').value`)
}

// reloadUntil loads a page until it has what is waited for.
func (b *window) reloadUntil(path, selector string) {
	b.t.Helper()
	for range 200 {
		b.open(path)
		if b.evalBool(`!!document.querySelector('` + selector + `')`) {
			return
		}
		b.evalBool(`new Promise(done => setTimeout(() => done(true), 100))`)
	}
	b.shot("failure")
	b.t.Fatalf("%s never shows %s", path, selector)
}
