package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"sohoa"
	"sohoa/ingest"
	"sohoa/ingest/queue"
	"sohoa/web"
)

// When health tells of what still works.
const (
	diskWarn        = 20_000_000_000      // bytes free; what a scanner brings in some days
	diskBad         = 2_000_000_000       // bytes free
	certificateWarn = 30 * 24 * time.Hour // before a certificate ends
	backupWarn      = 36 * time.Hour      // after a daily back-up
)

// health tells how the parts are of which the pages do not know.
func (e *engine) health(ctx context.Context) []web.HealthPart {
	parts := []web.HealthPart{e.diskHealth(), e.workerHealth(ctx)}
	parts = append(parts, e.certificateHealth(ctx)...)
	parts = append(parts, e.stamperHealth()...)
	if e.set.BackupAt != "" {
		parts = append(parts, e.backupHealth())
	}
	return parts
}

func unavailable(code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: code, Args: args}
}

func (e *engine) diskHealth() web.HealthPart {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(e.set.Data, &disk); err != nil {
		return web.HealthPart{Name: "disk", State: web.HealthBad, Problem: sohoa.AsProblem(err)}
	}
	free := disk.Bavail * uint64(disk.Bsize)
	p := web.HealthPart{Name: "disk", State: web.HealthGood, Value: gigabytes(free)}
	if free < diskWarn {
		p.State, p.Problem = web.HealthWarn, unavailable("health.disk", p.Value)
	}
	if free < diskBad {
		p.State = web.HealthBad
	}
	return p
}

func gigabytes(n uint64) string { return fmt.Sprintf("%.1f GB", float64(n)/1e9) }

// workerHealth counts the processes that work on papers. With a database of
// one's own that is this one.
func (e *engine) workerHealth(ctx context.Context) web.HealthPart {
	q, ok := e.queue.(*queue.Postgres)
	if !ok {
		return web.HealthPart{Name: "workers", State: web.HealthGood, Value: "1"}
	}
	n, err := q.Working(ctx)
	switch {
	case err != nil:
		return web.HealthPart{Name: "workers", State: web.HealthBad, Problem: sohoa.AsProblem(err)}
	case n == 0:
		return web.Healthy("workers", unavailable("health.workers"), web.HealthBad)
	}
	return web.HealthPart{Name: "workers", State: web.HealthGood, Value: strconv.Itoa(n)}
}

// certificateHealth are the certificates with which the agency and people
// sign, as far as they are in files.
func (e *engine) certificateHealth(ctx context.Context) []web.HealthPart {
	var parts []web.HealthPart
	if s, ok := e.service.Sealer.(*ingest.OfficeSealer); ok && s != nil {
		parts = append(parts, certificatePart(s.Agency, s.Key.Certificate, time.Now()))
	}
	u, ok := e.service.Signing.Certificates.(*users)
	if !ok {
		return parts
	}
	for _, name := range sortedKeys(u.certs) {
		c, err := u.CertificateOf(ctx, name)
		if err != nil {
			parts = append(parts, web.HealthPart{Name: "certificate", Of: name, State: web.HealthBad, Problem: sohoa.AsProblem(err)})
			continue
		}
		parts = append(parts, certificatePart(name, c, time.Now()))
	}
	return parts
}

func sortedKeys(m map[string]string) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func certificatePart(of string, c *x509.Certificate, now time.Time) web.HealthPart {
	p := web.HealthPart{Name: "certificate", Of: of, State: web.HealthGood, At: c.NotAfter}
	end := sohoa.OnPaper(c.NotAfter)
	switch {
	case now.After(c.NotAfter):
		p.State, p.Problem = web.HealthBad, unavailable("health.certificate-over", of, end)
	case c.NotAfter.Sub(now) < certificateWarn:
		p.State, p.Problem = web.HealthWarn, unavailable("health.certificate", of, end)
	}
	return p
}

// stamperHealth is what the timestamp authorities answered last.
func (e *engine) stamperHealth() []web.HealthPart {
	if e.tsa == nil {
		return nil
	}
	var parts []web.HealthPart
	for _, a := range e.tsa.Answers() {
		p := web.Healthy("tsa", nil, web.HealthWarn)
		if a.Err != nil {
			p = web.Healthy("tsa", sohoa.AsProblem(a.Err), web.HealthWarn)
		}
		p.Of, p.At = a.URL, a.At
		parts = append(parts, p)
	}
	return parts
}

// backupHealth is how the last daily back-up ended.
func (e *engine) backupHealth() web.HealthPart {
	p := web.HealthPart{Name: "backup", State: web.HealthGood}
	b, err := os.ReadFile(e.path(lastBackupFile))
	if errors.Is(err, fs.ErrNotExist) {
		return p // none was due yet
	}
	var last lastBackup
	if err == nil {
		err = json.Unmarshal(b, &last)
	}
	p.At = last.Time
	switch {
	case err != nil:
		p.State, p.Problem = web.HealthWarn, sohoa.AsProblem(err)
	case last.Problem != nil:
		p.State, p.Problem = web.HealthBad, last.Problem
	case last.Damaged > 0:
		p.State, p.Problem = web.HealthBad, unavailable("health.backup-damaged", strconv.Itoa(last.Damaged))
	case time.Since(last.Time) > backupWarn:
		p.State, p.Problem = web.HealthWarn, unavailable("health.backup", strconv.Itoa(int(backupWarn.Hours())))
	}
	return p
}

// shown are the settings as a page shows them.
func (set *settings) shown() []web.Setting {
	var all []web.Setting
	for _, s := range set.list {
		all = append(all, web.Setting(s))
	}
	return all
}
