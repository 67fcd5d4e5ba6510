package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestDisposalJourney is the end of two results, in Chromium: an official
// revokes one; the archivist proposes the other and enters the council's
// decision, two others approve, and the inspector finds it in the journal.
func TestDisposalJourney(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	b := newWindow(t, p.serve("--demo", t.TempDir(), "--disposal-wait", "0s"))
	b.becomes("lan")
	ids := b.brings("quyet-dinh-01.jpg", "bien-ban-01.pdf")
	b.endsDossier()
	b.becomes("binh")
	b.revokes(ids[0])
	b.becomes("son")
	b.makesDue(ids[1])
	at := b.proposes(ids[1])
	b.becomes("admin")
	b.addsArchivist("chanh")
	for n, name := range []string{"admin", "chanh"} {
		if n > 0 {
			b.becomes(name)
		}
		b.open(at)
		b.click(`#approve [name=sure]`)
		b.shot("disposal-3-approve")
		b.click(`#approve button`)
		b.wait(`.approval:nth-child(` + string(rune('1'+n)) + `)`)
	}
	b.becomes("son")
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
	b.becomes("hanh")
	b.inspects(ids[1])
	b.quiet()
}

// endsDossier enters that the work on the dossier on the screen ended long ago.
func (b *window) endsDossier() {
	b.t.Helper()
	b.open("/dossiers/" + journeyDossier)
	b.click(`.meta details summary`)
	b.choose(`form[action$="/ended"] input[name=day]`, "2015-06-30")
	b.sends(`form[action$="/ended"] button`)
}

// revokes takes a result out of force, and finds it with that mark.
func (b *window) revokes(id string) {
	b.t.Helper()
	b.open("/documents/" + id)
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
}

// makesDue gives a document a type of two years.
func (b *window) makesDue(id string) {
	b.t.Helper()
	b.open("/documents/" + id)
	b.click(`#life details:has(select[name=type]) summary`)
	b.choose(`#life select[name=type]`, "chung-thuc-chu-ky")
	b.sends(`#life form[action$="/life/type"] button`)
	b.shot("disposal-0-due")
}

// proposes puts a document that is due before the council and enters its
// decision. It returns where the disposal is.
func (b *window) proposes(id string) string {
	b.t.Helper()
	b.open("/disposal")
	b.shot("disposal-0-list")
	b.click(`input[name=document][value="` + id + `"]`)
	b.fill(`input[name=title]`, "Tài liệu hết thời hạn năm 2018")
	b.fill(`form.stack input[name=reason]`, "Hết thời hạn lưu trữ")
	b.shot("disposal-1-due")
	b.click(`form.stack button.primary`)
	b.click(`input[name="verdict-` + id + `"][value=destroy]`)
	at := b.evalString(`location.pathname`)
	b.fill(`textarea[name=members]`, "Lê Văn A\nTrần Thị B\nPhạm Văn C")
	b.fill(`input[name=minutes]`, "01/BB-HĐXH ngày 20/11/2026")
	b.fill(`input[name=decision]`, "20/QĐ-UBND")
	b.shot("disposal-2-council")
	b.click(`form button.primary`)
	b.wait(`#approve`)
	if b.evalBool(`!!document.querySelector('#approve form')`) {
		b.t.Error("the proposer is offered to approve")
	}
	return at
}

// addsArchivist adds a user of the office, whose link becomes finds.
func (b *window) addsArchivist(name string) {
	b.t.Helper()
	b.open("/admin/users")
	form := `form[action="/admin/users"].stack `
	b.fill(form+`input[name=name]`, name)
	b.fill(form+`input[name=fullName]`, "Lưu trữ "+name)
	b.click(form + `input[name=role][value=archivist]`)
	b.choose(form+`select[name=agency]`, demoAgency.Code)
	b.shot("disposal-0-user-" + name)
	b.click(form + `button`)
	b.wait(`input[data-select].code`)
	b.server.tell(name, b.evalString(`document.querySelector('input[data-select].code').value`))
}

// inspects finds in the journal what became of a document, and who approved.
func (b *window) inspects(id string) {
	b.t.Helper()
	for _, ask := range []struct{ field, value, want string }{{"document", id, "Tiêu hủy"}, {"actor", "chanh", "Phê duyệt"}} {
		b.open("/journal")
		b.fill(`main input[name=`+ask.field+`]`, ask.value)
		b.fill(`main input[name=purpose]`, "Kiểm tra công tác tiêu hủy")
		b.sends(`main form[action="/journal"] button`)
		b.wait(`.entries li`)
		b.shot("disposal-6-journal-" + ask.field)
		if text := b.evalString(`document.querySelector('.entries').innerText`); !strings.Contains(text, ask.want) {
			b.t.Errorf("the journal does not say %q about %s: %s", ask.want, ask.field, text)
		}
	}
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
