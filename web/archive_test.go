package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// Copies tells of a second store that is away, a pass under way and findings.
func (s *shelf) Copies(context.Context) (ingest.CopiesState, error) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return ingest.CopiesState{
		CopyCounts: archive.CopyCounts{Kept: 7, Behind: 3, Overdue: 1, Oldest: at}, Second: true, Within: time.Hour, Period: time.Hour, Open: 1,
		Late: []sohoa.Document{{ID: sohoa.NewDocumentID(at), Name: "giấy <i>.jpg", KeptAt: at}},
		Copies: []ingest.CopyState{
			{Name: archive.FirstCopy, Overdue: true, Passes: []archive.FixityPass{{Started: at, Objects: 12, Bytes: 1 << 30, Findings: 2}}},
			{Name: archive.SecondCopy, Since: at, Due: at, Problem: &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "copy.other-store"},
				Passes: []archive.FixityPass{{Started: at, Ended: at.Add(time.Hour), Repaired: 1}}},
		},
		Findings: []archive.FixityFinding{
			{Copy: archive.FirstCopy, Object: "urn:sohoa:1", Key: "ocfl/<b>", Kind: "changed", Detail: "its digest is <b>", Found: at},
			{Copy: archive.SecondCopy, Object: "urn:sohoa:2", Kind: "missing", Found: at, Ended: at, From: "first", Actor: "hoa"},
		},
	}, nil
}

// RepairCopies notes who asked.
func (s *shelf) RepairCopies(_ context.Context, actor string) error {
	s.repairs = append(s.repairs, actor)
	return nil
}

// AdoptSecond notes who asked.
func (s *shelf) AdoptSecond(ctx context.Context, actor string) error {
	return s.RepairCopies(ctx, "adopt "+actor)
}

// TestArchivePage shows the copies to administrators, in both languages, and
// has them repaired.
func TestArchivePage(t *testing.T) {
	o := newOffice(t)
	admin := o.signedIn("admin")
	for lang, want := range map[string][]string{
		"vi": {"Bản thứ hai", "Kho thứ hai không phải", "Sửa chữa 1 sai hỏng", "từ bản thứ nhất", "Chưa đọc lại hết", "giấy &lt;i&gt;.jpg", "đang kiểm tra",
			"Lần đọc lại cuối kết thúc 04/03/2026 13:06: 0 đối tượng, 0 sai hỏng, đã sửa 1.", "Có tài liệu quá hạn sao sang kho thứ hai", "bấm nút sửa chữa"},
		"en": {"Second copy", "not the one that was used", "Repair 1 findings", "from the first copy", "Not everything was read", "under way"},
	} {
		a := admin.get("/archive?lang=" + lang)
		if a.status != http.StatusOK || strings.Contains(a.body, "<b>\"") || strings.Contains(a.body, "ocfl/<b>") {
			t.Errorf("%s: GET /archive = %d", lang, a.status)
		}
		for _, w := range want {
			if !strings.Contains(a.body, w) {
				t.Errorf("%s: the page lacks %q", lang, w)
			}
		}
	}
	for _, path := range []string{"/archive/repair", "/archive/adopt"} {
		if a := admin.post(path, url.Values{}); a.status >= 400 {
			t.Errorf("POST %s = %d", path, a.status)
		}
	}
	if got := strings.Join(o.shelf.repairs, ","); got != "admin,adopt admin" {
		t.Errorf("asked for by %q", got)
	}
	if a := o.signedIn("lan").get("/archive"); a.status != http.StatusForbidden {
		t.Errorf("GET /archive by a clerk = %d, want 403", a.status)
	}
}
