package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"sohoa"
	"sohoa/web"
)

func TestUploadListOpenDownload(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	data := scan(t, "quyet-dinh-01.jpg")
	doc := lan.upload(dossierA, "Quyết định 1738.jpg", data)
	if doc.State != sohoa.StateAccepted || doc.Digest != sohoa.Sum(data) || doc.AcceptedBy != "lan" {
		t.Errorf("upload = state %q digest %v by %q, want accepted, %v, lan", doc.State, doc.Digest, doc.AcceptedBy, sohoa.Sum(data))
	}

	again := lan.do(http.MethodPost, uploadPath(dossierA, "khác.jpg"), bytes.NewReader(data))
	var same sohoa.Document
	again.decode(t, &same)
	if again.status != http.StatusOK || same.ID != doc.ID {
		t.Errorf("the same bytes again = %d, %v; want 200, %v", again.status, same.ID, doc.ID)
	}

	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
	o.shelf.keep(doc.ID)

	var list struct{ Documents []sohoa.Document }
	lan.get("/api/v1/documents?dossier="+dossierA).decode(t, &list)
	if len(list.Documents) != 1 || list.Documents[0].State != sohoa.StateKept {
		t.Errorf("list = %+v, want one kept document", list.Documents)
	}
	var text sohoa.PageText
	lan.get("/api/v1/documents/"+doc.ID.String()+"/pages/1/text").decode(t, &text)
	if len(text.Lines) == 0 {
		t.Error("text of page 1 has no lines")
	}
	image := lan.get("/api/v1/documents/" + doc.ID.String() + "/pages/1/image")
	if image.status != http.StatusOK || image.body != string(data) || image.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("image = %d, %d bytes of %q; want the original's %d bytes", image.status, len(image.body), image.header.Get("Content-Type"), len(data))
	}
	unchanged := lan.get("/api/v1/documents/"+doc.ID.String()+"/pages/1/image", "If-None-Match", image.header.Get("ETag"))
	if unchanged.status != http.StatusNotModified {
		t.Errorf("image with its ETag = %d, want 304", unchanged.status)
	}
	plain := lan.get("/api/v1/documents/" + doc.ID.String() + "/text")
	if !strings.Contains(plain.body, "QUYẾT ĐỊNH") {
		t.Errorf("text = %q, want it to hold QUYẾT ĐỊNH", plain.body)
	}
	var history struct{ Entries []sohoa.Entry }
	lan.get("/api/v1/documents/"+doc.ID.String()+"/history").decode(t, &history)
	if len(history.Entries) < 5 || history.Entries[0].Action != sohoa.ActionAccept {
		t.Errorf("history = %+v, want it to begin with the acceptance", history.Entries)
	}
}

func TestDownloadRangeAndName(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	data := scan(t, "to-khai-01.jpg")
	doc := lan.upload(dossierA, "../../etc/Tờ khai \"x\"\r\n.jpg", data)
	path := "/api/v1/documents/" + doc.ID.String() + "/files/original?purpose=" + dossierA

	whole := lan.get(path)
	if whole.body != string(data) {
		t.Errorf("original = %d bytes, want %d", len(whole.body), len(data))
	}
	disposition := whole.header.Get("Content-Disposition")
	if !strings.HasPrefix(disposition, `attachment; filename="`) || !strings.Contains(disposition, "T%E1%BB%9D%20khai") ||
		strings.ContainsAny(disposition, "\r\n") || strings.Count(disposition, `"`) != 2 {
		t.Errorf("Content-Disposition = %q, want a safe attachment with both names", disposition)
	}
	if csp := whole.header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") {
		t.Errorf("policy of a file = %q, want sandbox", csp)
	}
	for _, tt := range []struct {
		name, span, want string
		status           int
	}{
		{"middle", "bytes=100-199", string(data[100:200]), http.StatusPartialContent},
		{"tail", "bytes=-10", string(data[len(data)-10:]), http.StatusPartialContent},
		{"beyond", "bytes=999999999-", "", http.StatusRequestedRangeNotSatisfiable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := lan.get(path, "Range", tt.span)
			if a.status != tt.status || tt.want != "" && a.body != tt.want {
				t.Errorf("Range %q = %d, %d bytes; want %d, %d bytes", tt.span, a.status, len(a.body), tt.status, len(tt.want))
			}
		})
	}
	downloads := o.journal(sohoa.ActionDownload)
	if len(downloads) != 1 || downloads[0].Actor != "lan" || downloads[0].Purpose != dossierA || downloads[0].Document != doc.ID {
		t.Errorf("journal of downloads = %+v, want one by lan for %s", downloads, dossierA)
	}

	// Who asks for all but the first byte has the file as well.
	other := o.signedIn("admin")
	if a := other.get(path, "Range", "bytes=1-"); a.status != http.StatusPartialContent {
		t.Fatalf("Range bytes=1- = %d, want %d", a.status, http.StatusPartialContent)
	}
	if downloads := o.journal(sohoa.ActionDownload); len(downloads) != 2 || downloads[1].Actor != "admin" {
		t.Errorf("journal of downloads = %+v, want a second one by admin", downloads)
	}
}

// problemReply is a problem as programs get it.
type problemReply struct {
	Status              int
	Title, Detail, Code string
}

func TestProblemsAreWordedForTheReader(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	absent := sohoa.NewDocumentID(o.now()).String()
	dossier := func(body string) func(string) answer {
		return func(lang string) answer {
			return lan.do(http.MethodPost, "/api/v1/dossiers?lang="+lang, strings.NewReader(body), "Content-Type", "application/json")
		}
	}
	get := func(path string) func(string) answer {
		return func(lang string) answer { return lan.get(path + "lang=" + lang) }
	}
	for _, tt := range []struct {
		name   string
		ask    func(lang string) answer
		status int
		code   string
		vi, en string
	}{
		{"empty file", func(lang string) answer {
			return lan.do(http.MethodPost, uploadPath(dossierA, "a.pdf")+"&lang="+lang, strings.NewReader(""))
		}, 400, "file.empty", "rỗng", "is empty"},
		{"unknown dossier", func(lang string) answer {
			return lan.do(http.MethodPost, uploadPath("KHÔNG", "a.pdf")+"&lang="+lang, strings.NewReader("x"))
		}, 404, "dossier.unknown", "Không có hồ sơ", "There is no dossier"},
		{"no name", func(lang string) answer {
			return lan.do(http.MethodPost, "/api/v1/dossiers/"+dossierA+"/documents?lang="+lang, strings.NewReader("x"))
		}, 422, "request.invalid", "không hợp lệ", "not valid"},
		{"absent document", get("/api/v1/documents/" + absent + "?"), 404, "document.unknown", "Không có tài liệu", "no document"},
		{"malformed id", get("/api/v1/documents/xyz?"), 400, "id.malformed", "không phải mã", "not a document ID"},
		{"absent path", get("/api/v1/nothing?"), 404, "path.unknown", "Không có trang", "no such page"},
		{"empty query", get("/api/v1/search?q=&"), 400, "query.empty", "Hãy nhập", "Type something"},
		{"blank query", get("/api/v1/search?q=%20&"), 400, "query.empty", "Hãy nhập", "Type something"},
		{"long query", get("/api/v1/search?q=" + strings.Repeat("a", 301) + "&"), 400, "query.too-long", "quá dài", "too long"},
		{"dossier exists", dossier(`{"code":"` + dossierB + `","procedure":"1.001193","ownerName":"X"}`), 409, "dossier.exists", "Đã có", "exists"},
		{"dossier code", dossier(`{"code":"../x","procedure":"1.001193","ownerName":"X"}`), 400, "dossier.code", "không hợp lệ", "not a dossier code"},
		{"dossier agency", dossier(`{"code":"N1","procedure":"1.001193","ownerName":"X","agency":"` + agencyB + `"}`), 400, "agency.unknown", "Không có cơ quan", "no agency"},
		{"dossier procedure", dossier(`{"code":"N1","procedure":"9","ownerName":"X"}`), 400, "procedure.unknown", "Không có thủ tục", "no procedure"},
		{"not a PDF", func(lang string) answer {
			return lan.do(http.MethodPost, "/api/v1/verify?lang="+lang, strings.NewReader("hello"))
		}, 400, "verify.not-pdf", "không phải PDF", "not a PDF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for lang, want := range map[string]string{"vi": tt.vi, "en": tt.en} {
				a := tt.ask(lang)
				var p problemReply
				a.decode(t, &p)
				if a.status != tt.status || p.Status != tt.status || p.Code != tt.code || !strings.Contains(p.Detail, want) {
					t.Errorf("in %s = %d %+v; want %d, %s, %q", lang, a.status, p, tt.status, tt.code, want)
				}
				if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
					t.Errorf("in %s: Content-Type = %q, want application/problem+json", lang, ct)
				}
			}
		})
	}
}

func TestKindsHaveStatuses(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	for _, tt := range []struct {
		name   string
		err    error
		status int
	}{
		{"disk full", &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.full", Detail: "/secret/path"}, 503},
		{"too large", &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "file.too-large", Args: []string{"a", "1"}}, 413},
		{"of no kind", iotest.ErrTimeout, 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o.shelf.fail(tt.err)
			a := lan.do(http.MethodPost, uploadPath(dossierA, "a.pdf"), strings.NewReader("x"))
			if a.status != tt.status {
				t.Errorf("Accept fails with %v: %d, want %d", tt.err, a.status, tt.status)
			}
			if strings.Contains(a.body, "secret") || strings.Contains(a.body, "timeout") {
				t.Errorf("answer %q tells what is for the log only", a.body)
			}
			if tt.status == 503 && a.header.Get("Retry-After") == "" {
				t.Error("503 without Retry-After")
			}
		})
	}
}

func TestScope(t *testing.T) {
	o := newOffice(t)
	lan, binh, admin := o.signedIn("lan"), o.signedIn("binh"), o.signedIn("admin")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")
	o.shelf.keep(doc.ID)
	id := doc.ID.String()

	for _, path := range []string{
		"/api/v1/documents/" + id, "/api/v1/documents/" + id + "/pages", "/api/v1/documents/" + id + "/history",
		"/api/v1/documents/" + id + "/text", "/api/v1/documents/" + id + "/pages/1/text", "/api/v1/documents/" + id + "/pages/1/image",
		"/api/v1/documents/" + id + "/pages/1/thumb", "/api/v1/documents/" + id + "/files/original", "/api/v1/documents/" + id + "/files/signed",
		"/api/v1/dossiers/" + dossierA,
		"/dossiers/" + dossierA, "/dossiers/" + dossierA + "/documents", "/documents/" + id, "/documents/" + id + "/row",
		"/api/v1/documents/" + id + "/arrangement", "/documents/" + id + "/arrange", "/documents/" + id + "/desk",
		"/documents/" + id + "/facts", "/documents/" + id + "/sheets", "/documents/" + id + "/pages/1", "/documents/" + id + "/signatures",
	} {
		for name, tt := range map[string]struct {
			who  *client
			want int
		}{"lan": {lan, 200}, "binh": {binh, 404}, "admin": {admin, 200}} {
			if a := tt.who.get(path); a.status != tt.want {
				t.Errorf("GET %s by %s = %d, want %d", path, name, a.status, tt.want)
			}
		}
	}
	for _, path := range []string{"/api/v1/documents/" + id + "/retry", "/documents/" + id + "/retry", uploadPath(dossierA, "x"),
		"/api/v1/documents/" + id + "/hold", "/api/v1/documents/" + id + "/release", "/documents/" + id + "/arrange",
		"/documents/" + id + "/hold", "/documents/" + id + "/release"} {
		if a := binh.post(path, nil); a.status != http.StatusNotFound {
			t.Errorf("POST %s by binh = %d, want 404", path, a.status)
		}
	}
	for path, method := range map[string]string{"/arrangement": "PUT", "/split": "POST", "/arrangement/undo": "POST", "/arrangement/thumb?page=1": "GET"} {
		body := map[string]string{"/arrangement": `{"version":0,"pages":[{"page":1}]}`, "/split": `{"version":0,"after":1}`, "/arrangement/undo": `{"version":0}`}[path]
		a := binh.do(method, "/api/v1/documents/"+id+path, strings.NewReader(body), "Content-Type", "application/json")
		if a.status != http.StatusNotFound || strings.Contains(a.body, "path.unknown") {
			t.Errorf("%s %s by binh = %d %s, want 404: no such document", method, path, a.status, a.body)
		}
	}
	for _, path := range []string{"/api/v1/documents", "/api/v1/dossiers", "/api/v1/search?q=quyet+dinh", "/", "/search?q=quyet+dinh"} {
		if a := binh.get(path); strings.Contains(a.body, id) || strings.Contains(a.body, dossierA) {
			t.Errorf("GET %s by binh shows what is of another agency", path)
		}
		if a := lan.get(path); !strings.Contains(a.body, id) && !strings.Contains(a.body, dossierA) {
			t.Errorf("GET %s by lan does not show their own", path)
		}
	}
	// What may not be seen is answered like what is not there.
	var hidden, absent problemReply
	binh.get("/api/v1/documents/"+id).decode(t, &hidden)
	other := sohoa.NewDocumentID(o.now()).String()
	binh.get("/api/v1/documents/"+other).decode(t, &absent)
	if strings.ReplaceAll(hidden.Detail, id, other) != absent.Detail || hidden.Code != absent.Code {
		t.Errorf("hidden document = %+v, absent one = %+v; want the same", hidden, absent)
	}
	for _, e := range o.journal(sohoa.ActionView) {
		if e.Actor == "binh" {
			t.Errorf("journal holds a view by binh: %+v", e)
		}
	}
}

func TestDossierCodeWithSlashes(t *testing.T) {
	o := newOffice(t)
	binh := o.signedIn("binh")
	doc := binh.upload(dossierB, "b.jpg", scan(t, "to-khai-01.jpg"))
	if doc.Dossier != dossierB {
		t.Errorf("dossier = %q, want %q", doc.Dossier, dossierB)
	}
	if a := binh.get("/dossiers/" + url.PathEscape(dossierB)); a.status != 200 || !strings.Contains(a.body, doc.ID.String()) {
		t.Errorf("page of %s = %d, want it with its document", dossierB, a.status)
	}
	created := binh.do(http.MethodPost, "/api/v1/dossiers", strings.NewReader(`{"code":"ABC/12-x.3","procedure":"1.001193","ownerName":" Lê   Văn\n A ","ownerId":"012345678901"}`))
	var d sohoa.Dossier
	created.decode(t, &d)
	if created.status != http.StatusCreated || d.Agency != agencyB || d.Owner.Name != "Lê Văn A" {
		t.Errorf("create = %d %+v, want 201 of agency %s and owner Lê Văn A", created.status, d, agencyB)
	}
}

func TestSearchAnswersAndIsJournalled(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	o.shelf.read(doc.ID, 1, "quyet-dinh-01.jpg")

	var found web.SearchResults
	lan.get("/api/v1/search?q=quyet+dinh&purpose="+dossierA).decode(t, &found)
	if found.Total != 1 || len(found.Hits) != 1 || found.Hits[0].Document != doc.ID {
		t.Fatalf("search = %+v, want the document", found)
	}
	var marked []string
	for _, span := range found.Hits[0].Pages[0].Snippet {
		if span.Marked {
			marked = append(marked, strings.ToLower(span.Text))
		}
	}
	if !slices.ContainsFunc(marked, func(s string) bool { return strings.Contains(s, "quyết") }) {
		t.Errorf("marked = %q, want quyết among them", marked)
	}
	entries := o.journal(sohoa.ActionSearch)
	if len(entries) != 1 || entries[0].Purpose != dossierA || !strings.Contains(entries[0].Detail, "quyet dinh") || !strings.Contains(entries[0].Detail, doc.ID.String()) {
		t.Errorf("journal = %+v, want the query, the purpose and what was found", entries)
	}
}

func TestOpenAPI(t *testing.T) {
	o := newOffice(t)
	a := o.stranger().get("/openapi.json")
	var spec struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			RequestBody *struct{ Content map[string]json.RawMessage }
			Responses   map[string]struct{ Content map[string]json.RawMessage }
			Security    []map[string][]string
		}
		Components struct{ Schemas map[string]json.RawMessage }
	}
	a.decode(t, &spec)
	if !strings.HasPrefix(spec.OpenAPI, "3.1") {
		t.Errorf("openapi = %q, want 3.1", spec.OpenAPI)
	}
	var operations []string
	for path, methods := range spec.Paths {
		for method, op := range methods {
			operations = append(operations, op.OperationID)
			if len(op.Responses) == 0 {
				t.Errorf("%s %s has no responses", method, path)
			}
			if open := []string{"verify", "lookup", "compare", "national-keys", "get-linked-file"}; !slices.Contains(open, op.OperationID) && len(op.Security) == 0 {
				t.Errorf("%s %s asks for no session", method, path)
			}
		}
	}
	slices.Sort(operations)
	want := []string{"accept-reuse", "add-document", "approve-disposal", "assign-document", "cancel-signature", "compare", "complete-signature", "copy-document", "create-dossier",
		"create-set", "decide-disposal", "decline-reuse", "delegate", "delete-omission", "delete-place", "delete-saved-search", "document-history", "end-dossier",
		"end-reuse", "events", "expect-pages", "export", "figures", "get-arrangement", "get-certificate", "get-disposal", "get-document", "get-dossier", "get-fields", "get-file", "get-health",
		"get-leaf-thumb", "get-linked-file", "get-page-image", "get-page-text", "get-page-thumb", "get-reuse", "get-schedule", "get-set", "get-text",
		"hold-document", "hold-legally", "issue-reading-copy", "lift-hold", "list-deliveries", "list-disposals", "list-documents", "list-dossiers",
		"list-due", "list-held", "list-pages", "list-papers", "list-reuses", "list-saved-searches", "list-sets", "list-webhooks", "lookup",
		"national-held", "national-keys", "open-tool", "post-search", "prepare-signature", "propose-disposal", "put-arrangement", "put-dossier", "put-fields", "put-omission", "put-place",
		"refuse", "reinstate-document", "release-document", "replace-document", "retry-document", "retry-webhook", "reuse-figures", "revoke-document",
		"save-search", "search", "see-loss", "set-retention", "set-schedule", "set-type", "set-validity", "sign-set", "split-document", "suggest",
		"undo-arrangement", "verify", "withdraw", "withdraw-disposal"}
	slices.Sort(want)
	if !slices.Equal(operations, want) {
		t.Errorf("operations = %q\nwant %q", operations, want)
	}
	upload := spec.Paths["/api/v1/dossiers/{code}/documents"]["post"]
	if upload.RequestBody == nil || upload.RequestBody.Content["application/octet-stream"] == nil {
		t.Error("the upload's body is not described as a stream")
	}
	if upload.Responses["400"].Content["application/problem+json"] == nil {
		t.Error("the upload's problems are not described as problem+json")
	}
	if spec.Paths["/api/v1/events"]["get"].Responses["200"].Content["text/event-stream"] == nil {
		t.Error("events are not described as text/event-stream")
	}
	// Every reference leads somewhere.
	for _, ref := range strings.Split(a.body, `"$ref":"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(ref, `"`)
		if spec.Components.Schemas[name] == nil {
			t.Errorf("schema %q is referred to and missing", name)
		}
	}
}

func TestRetry(t *testing.T) {
	o := newOffice(t)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "a.jpg", scan(t, "to-khai-01.jpg"))
	o.shelf.park(doc.ID, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.damaged"})
	var view web.DocumentView
	lan.get("/api/v1/documents/"+doc.ID.String()+"?lang=vi").decode(t, &view)
	if view.State != sohoa.StateParked || !strings.Contains(view.Message, "hỏng") {
		t.Errorf("parked document = %q %q, want the reason in words", view.State, view.Message)
	}
	a := lan.do(http.MethodPost, "/api/v1/documents/"+doc.ID.String()+"/retry", nil)
	a.decode(t, &view)
	if a.status != http.StatusAccepted || view.State == sohoa.StateParked {
		t.Errorf("retry = %d, state %q; want 202 and not parked", a.status, view.State)
	}
}
