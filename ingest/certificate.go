package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
	"sohoa/ingest/queue"
)

// CertificateFormat names the form of certificate.json in the object of a
// disposal.
const CertificateFormat = "sohoa disposal 1"

// Logical paths in the object of a disposal.
const (
	certificateJSON = "certificate.json"
	certificateText = "certificate.txt"
)

// DestructionCertificate (giấy chứng nhận tiêu hủy) says what was destroyed, by which
// decision, approved by whom, and when. It is an object of the storage root
// and stays there. Version 1 is the order, from before the first byte went;
// version 2 the certificate. It has nothing of what stood on the papers, but
// their dossiers and agency, and is encrypted as everything that is kept.
type DestructionCertificate struct {
	Format   string               `json:"format"`
	Issued   time.Time            `json:"issued"`
	Disposal sohoa.Disposal       `json:"disposal"`
	Agency   sohoa.Agency         `json:"agency"`
	Items    []sohoa.DisposalItem `json:"items"`
}

// Done reports whether it certifies what was destroyed; else it orders it.
func (c DestructionCertificate) Done() bool { return c.Disposal.State == sohoa.DisposalDone }

func disposalObject(id sohoa.SetID) ocfl.ID { return ocfl.NewID(ocfl.KindDisposal, string(id)) }

// certify keeps the certificate of a disposal of which nothing is left to be
// done, and ends its job.
func (s *Service) certify(ctx context.Context, job *queue.Running, id sohoa.SetID) error {
	if err := s.keepCertificate(ctx, id, 1); err != nil {
		return err
	}
	c, err := s.Certificate(ctx, id)
	if err != nil {
		return err
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		d, err := tx.Disposal(id)
		if err != nil {
			return err
		}
		d.State, d.Done, d.Problem = sohoa.DisposalDone, c.Issued, nil
		if err := s.putDisposal(tx, system, d, sohoa.ActionCertify, detail{"destroyed": countDestroyed(c.Items)}); err != nil {
			return err
		}
		return tx.Complete(job)
	})
}

func countDestroyed(items []sohoa.DisposalItem) (n int) {
	for _, i := range items {
		if i.State == sohoa.VerdictDestroyed {
			n++
		}
	}
	return n
}

// keepCertificate keeps the version after expect of a disposal's object, in
// both copies, unless an interrupted run has.
func (s *Service) keepCertificate(ctx context.Context, id sohoa.SetID, expect int) error {
	object := disposalObject(id)
	if err := s.Keeper.RecoverObject(ctx, object); err != nil {
		return s.notNow("first", sohoa.DocumentID{}, err)
	}
	head, err := s.Keeper.Head(ctx, object)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return s.notNow("first", sohoa.DocumentID{}, err)
	}
	if head.Head <= expect {
		c, err := s.certificate(ctx, id, expect > 0)
		if err != nil {
			return err
		}
		if err := s.commitCertificate(ctx, c, expect); err != nil {
			return s.notNow("first", sohoa.DocumentID{}, err)
		}
	}
	if err := s.CopyObject(ctx, object); err != nil {
		return s.notNow("second", sohoa.DocumentID{}, err)
	}
	return nil
}

// certificate describes a disposal as it now is; done says that it is at its
// end.
func (s *Service) certificate(ctx context.Context, id sohoa.SetID, done bool) (c DestructionCertificate, err error) {
	c = DestructionCertificate{Format: CertificateFormat, Issued: s.Now().UTC().Truncate(time.Second)}
	if c.Disposal, err = s.Catalog.Disposal(ctx, sohoa.Everything, id); err != nil {
		return c, err
	}
	c.Disposal.Problem = nil
	if done {
		c.Disposal.State, c.Disposal.Done = sohoa.DisposalDone, c.Issued
	}
	if c.Items, err = s.Catalog.DisposalItems(ctx, id); err != nil {
		return c, err
	}
	c.Agency, _, err = s.Names(ctx, sohoa.Dossier{Agency: c.Disposal.Agency})
	return c, err
}

func (s *Service) commitCertificate(ctx context.Context, c DestructionCertificate, expect int) error {
	b, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return err
	}
	message := "destruction ordered"
	if c.Done() {
		message = "destruction certified"
	}
	files := map[string]ocfl.Content{}
	for name, b := range map[string][]byte{certificateJSON: b, certificateText: []byte(c.Text())} {
		path, content, err := s.Encrypted(name, b)
		if err != nil {
			return err
		}
		files[path] = content
	}
	_, err = s.Keeper.Commit(ctx, disposalObject(c.Disposal.ID), ocfl.Version{
		Expect: expect, Created: c.Issued, Message: message, User: ocfl.User{Name: c.Disposal.Proposed.By}, Files: files,
	})
	return err
}

// Certificate implements DisposalDesk.
func (s *Service) Certificate(ctx context.Context, id sohoa.SetID) (DestructionCertificate, error) {
	c, err := s.readCertificate(ctx, disposalObject(id))
	if errors.Is(err, sohoa.ErrNotExist) {
		return c, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "disposal.uncertified"}
	}
	return c, err
}

func (s *Service) readCertificate(ctx context.Context, object ocfl.ID) (c DestructionCertificate, err error) {
	head, err := s.Keeper.Head(ctx, object)
	if err != nil {
		return c, err
	}
	b, err := s.ReadFile(ctx, head, certificateJSON)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("read %s of %s: %w: %w", certificateJSON, object, sohoa.ErrVerification, err)
	}
	if c.Format != CertificateFormat {
		return c, fmt.Errorf("%s of %s is of format %q, want %q: %w", certificateJSON, object, c.Format, CertificateFormat, sohoa.ErrInvalid)
	}
	return c, nil
}

// Text is the certificate for people, in Vietnamese.
func (c DestructionCertificate) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	d := c.Disposal
	title := "LỆNH TIÊU HỦY TÀI LIỆU LƯU TRỮ"
	if c.Done() {
		title = "GIẤY CHỨNG NHẬN TIÊU HỦY TÀI LIỆU LƯU TRỮ"
	}
	line("%s\n\n%s\n", c.Agency.Name, title)
	line("Hồ sơ xét hủy: %s", d.ID)
	line("Tên: %s", d.Title)
	line("Người lập: %s, %s. Lý do: %s", d.Proposed.By, moment(d.Proposed.At), d.Proposed.Reason)
	if d.Council != nil {
		line("Hội đồng xét hủy: %s", strings.Join(d.Council.Members, "; "))
		line("Biên bản: %s. Quyết định: %s, ngày %s", d.Council.Minutes, d.Council.Decision, d.Council.Day.OnPaper())
	}
	for n, a := range d.Approvals {
		line("Phê duyệt lần %d: %s, %s", n+1, a.By, moment(a.At))
	}
	line("Lập lúc: %s\n", moment(c.Issued))
	for n, i := range c.Items {
		c.item(line, n+1, i)
	}
	return b.String()
}

// item writes one document of a certificate.
func (c DestructionCertificate) item(line func(string, ...any), n int, i sohoa.DisposalItem) {
	line("%d. Tài liệu %s, hồ sơ %s, loại: %s, hết thời hạn lưu trữ: %s (%s)", n, i.Document, i.Dossier, orNone(i.Type), i.Due.OnPaper(), i.Basis)
	switch i.State {
	case sohoa.VerdictDestroyed:
		line("   Đã tiêu hủy lúc %s, %d phiên bản, tại: %s", moment(i.At), i.Versions, strings.Join(placeNames(i.Copies), ", "))
	case sohoa.VerdictKeep:
		line("   Giữ lại. %s", i.Reason)
	case sohoa.VerdictSpared:
		line("   Không hủy: %s", i.Problem.Text(sohoa.Vietnamese))
	default:
		line("   Sẽ tiêu hủy, %d phiên bản", i.Versions)
	}
	for _, f := range i.Files {
		line("   sha256 %s  %d byte  %s", f.Digest, f.Size, f.Path)
	}
}

func orNone(s string) string {
	if s == "" {
		return "chưa xác định"
	}
	return s
}

// placeNames are the copies as people call them.
func placeNames(copies []string) []string {
	names := make([]string, len(copies))
	for n, c := range copies {
		names[n] = map[string]string{"first": "kho lưu trữ chính", "second": "bản sao thứ hai"}[c]
	}
	return names
}

// moment is a time as it stands on paper.
func moment(t time.Time) string { return t.In(sohoa.Hanoi).Format("02/01/2006 15:04:05 -07:00") }
