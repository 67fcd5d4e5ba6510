package journal

import (
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"sohoa"
)

// proofFormat leads every proof.
const proofFormat = "sohoa journal proof 1"

// Proof shows to somebody who has nothing else that an entry is among those
// under Head (inclusion, RFC 9162, 2.1.3), or that Head only added entries to
// From (consistency, 2.1.4).
type Proof struct {
	Format string       `json:"format"`
	Entry  *sohoa.Entry `json:"entry,omitempty"`
	From   string       `json:"from,omitempty"` // Signed.File of the older head
	Hashes []tlog.Hash  `json:"hashes"`
	Head   string       `json:"head"` // Signed.File
}

// ParseProof reads a proof. It is the Problem "journal.file" if it is none.
func ParseProof(b []byte) (Proof, error) {
	var p Proof
	if len(b) > sohoa.MaxJournalFile {
		return p, malformed("more than %d bytes", sohoa.MaxJournalFile)
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return p, malformed("%v", err)
	}
	if p.Format != proofFormat {
		return p, malformed("format %.80q is not %q", p.Format, proofFormat)
	}
	if (p.Entry == nil) == (p.From == "") {
		return p, malformed("want either an entry or an older head")
	}
	return p, nil
}

// failed is the Problem of a proof that does not prove what it says.
func failed(format string, args ...any) error {
	return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "journal.proof", Detail: fmt.Sprintf(format, args...)}
}

// Check computes what p says, and returns the head that it leads to. What
// that head is worth is for the caller: whether it is one that they have, or
// whose timestamp they trust. It is the Problem "journal.proof" if the proof
// is wrong.
func (p Proof) Check() (Signed, error) {
	head, err := ParseHead([]byte(p.Head))
	if err != nil {
		return head, err
	}
	if p.Entry != nil {
		return head, p.checkEntry(head)
	}
	from, err := ParseHead([]byte(p.From))
	if err != nil {
		return head, err
	}
	return head, p.checkFrom(from, head)
}

func (p Proof) checkEntry(head Signed) error {
	e := *p.Entry
	if e.Seq == 0 || e.Seq > head.Size {
		return failed("entry %d is not among the %d of the head", e.Seq, head.Size)
	}
	if err := e.Follows(sohoa.Entry{Seq: e.Seq - 1, Hash: e.Prev}); err != nil {
		return failed("%v", err)
	}
	err := tlog.CheckRecord(p.Hashes, int64(head.Size), tlog.Hash(head.Root), int64(e.Seq-1), Leaf(e.Hash))
	if err != nil {
		return failed("entry %d: %v", e.Seq, err)
	}
	return nil
}

func (p Proof) checkFrom(from, head Signed) error {
	if from.Origin != head.Origin {
		return failed("%s and %s are two journals", from.Origin, head.Origin)
	}
	if from.Size > head.Size {
		return failed("the older head has %d entries, the newer %d", from.Size, head.Size)
	}
	err := tlog.CheckTree(p.Hashes, int64(head.Size), tlog.Hash(head.Root), int64(from.Size), tlog.Hash(from.Root))
	if err != nil {
		return failed("%d to %d entries: %v", from.Size, head.Size, err)
	}
	return nil
}
