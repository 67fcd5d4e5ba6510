package web_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// crowd adds 10,000 dossiers with two documents each to agency A.
func (o *office) crowd() {
	o.t.Helper()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	states := []sohoa.State{sohoa.StateKept, sohoa.StateKept, sohoa.StateKept, sohoa.StateRead}
	for batch := range 20 {
		o.update(func(tx archive.Tx) error {
			for i := batch * 500; i < batch*500+500; i++ {
				at = at.Add(time.Minute)
				d := sohoa.Dossier{Code: fmt.Sprintf("H49.64.33-260101-%05d", i), Procedure: "1.001193", Agency: agencyA, Owner: sohoa.Owner{Name: fmt.Sprintf("Nguyễn Văn %d", i)},
					Subject: "Đăng ký khai sinh", CreatedAt: at, CreatedBy: "lan"}
				if err := tx.PutDossier(d); err != nil {
					return err
				}
				for n := range 2 {
					doc := sohoa.Document{ID: sohoa.NewDocumentID(at), Dossier: d.Code, Name: fmt.Sprintf("Giấy tờ %d.pdf", n), State: states[(i+n)%len(states)], Pages: 2, PagesRead: 2,
						AcceptedAt: at, AcceptedBy: "lan", Digest: sohoa.Sum(fmt.Append(nil, i, n)), Signature: sohoa.SignatureNone}
					if err := tx.PutDocument(doc); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
}

// median times requests and reports the one in the middle.
func median(b *testing.B, ask func() answer) {
	b.Helper()
	var took []time.Duration
	size, before := 0, cpu(b)
	for b.Loop() {
		began := time.Now()
		a := ask()
		took = append(took, time.Since(began))
		if size = len(a.body); a.status != http.StatusOK {
			b.Fatalf("answer = %d %.200s, want 200", a.status, a.body)
		}
	}
	b.ReportMetric((cpu(b)-before)/float64(len(took))*1000, "CPU-ms/op") // what it takes on a machine that does something else too
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
	b.ReportMetric(float64(size), "B/page")
}

// BenchmarkList shows lists among 10,000 dossiers.
func BenchmarkList(b *testing.B) {
	o := newOffice(b)
	o.crowd()
	lan, admin := o.signedIn("lan"), o.signedIn("admin")
	for _, tt := range []struct {
		name, path string
		who        *client
	}{
		{"clerk", "/", lan}, {"administrator", "/", admin}, {"filtered", "/?text=H49.64.33-260101-09", lan}, {"dossier", "/dossiers/H49.64.33-260101-05000", lan},
		{"API", "/api/v1/dossiers?limit=100", lan},
	} {
		b.Run(tt.name, func(b *testing.B) { median(b, func() answer { return tt.who.get(tt.path) }) })
	}
}

// BenchmarkDocument shows a document of 300 pages.
func BenchmarkDocument(b *testing.B) {
	o := newOffice(b)
	lan := o.signedIn("lan")
	doc := lan.upload(dossierA, "Hồ sơ 300 trang.jpg", scan(b, "quyet-dinh-01.jpg"))
	o.shelf.split(doc.ID, "quyet-dinh-01.jpg")
	text, err := json.Marshal(truth(b, "quyet-dinh-01.jpg", 1))
	if err != nil {
		b.Fatal(err)
	}
	o.update(func(tx archive.Tx) error {
		first, err := tx.Page(doc.ID, 1)
		if err != nil {
			return err
		}
		first.Read, first.TextSource, first.Words, first.Confidence = true, sohoa.TextOCR, 300, 91
		for n := 1; n <= 300; n++ {
			file, err := o.shelf.put(b.Context(), doc.ID, sohoa.RoleText, n, bytes.NewReader(text))
			if err != nil {
				return err
			}
			if first.Number = n; tx.PutPage(first) != nil || tx.PutFile(doc.ID, file) != nil {
				return fmt.Errorf("page %d", n)
			}
		}
		d, err := tx.Document(doc.ID)
		if err != nil {
			return err
		}
		d.State, d.Stage, d.Pages, d.PagesRead = sohoa.StateRead, sohoa.StageCompose, 300, 300
		return tx.PutDocument(d)
	})
	for name, path := range map[string]string{"page": "", "search": "?q=quyet+dinh", "facts": "/facts", "one": "/pages/150", "arrange": "/arrange"} {
		b.Run(name, func(b *testing.B) {
			median(b, func() answer { return lan.get("/documents/" + doc.ID.String() + path) })
		})
	}
}

// BenchmarkLive keeps 200 browsers following events while documents are read,
// ten pages a second, and reports what that costs: seconds of CPU each second,
// the browsers' own reading included.
func BenchmarkLive(b *testing.B) {
	const browsers, pages = 200, 10
	o := newOffice(b)
	lan := o.signedIn("lan")
	var docs []sohoa.Document
	for i := range pages {
		docs = append(docs, lan.upload(dossierA, fmt.Sprintf("Tờ khai %d.jpg", i), append(scan(b, "trang-trang-01.jpg"), byte(i))))
	}
	var wg sync.WaitGroup
	told := make(chan int, browsers*pages)
	for range browsers {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, o.server.URL+"/api/v1/events", nil)
		if err != nil {
			b.Fatal(err)
		}
		resp, err := lan.http.Do(r)
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatalf("GET events: %v", err)
		}
		defer resp.Body.Close()
		wg.Go(func() {
			for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
				if strings.HasPrefix(lines.Text(), "data: ") {
					told <- 1
				}
			}
		})
	}
	began, before, events := time.Now(), cpu(b), 0
	for b.Loop() {
		second := time.After(time.Second)
		for i := range pages {
			o.update(func(tx archive.Tx) error {
				d, err := tx.Document(docs[i].ID)
				if err != nil {
					return err
				}
				d.PagesRead++
				_, err2 := tx.Append(sohoa.Entry{Actor: "system", Action: sohoa.ActionRead, Document: d.ID, Dossier: d.Dossier, Page: d.PagesRead})
				if err != nil {
					return err
				}
				if err2 != nil {
					return err2
				}
				return tx.PutDocument(d)
			})
			time.Sleep(time.Second / (pages + 1))
		}
		for range browsers * pages {
			<-told
			events++
		}
		<-second
	}
	took := time.Since(began).Seconds()
	b.ReportMetric((cpu(b)-before)/took, "CPU-s/s")
	b.ReportMetric(float64(events)/took, "events/s")
	o.web.Close()
	wg.Wait()
}

// cpu is how many seconds of CPU this process has used.
func cpu(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}
