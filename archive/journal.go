package archive

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"sohoa"
)

// JournalTx are the changes to the journal beside Tx.Append.
type JournalTx interface {
	// RestoreEntries adds sealed entries as they are. The first must be the
	// unaltered one after the newest of the journal, each other one that after
	// the one before it; else it is sohoa.ErrVerification.
	RestoreEntries(entries ...sohoa.Entry) error
	// PutTreeHashes keeps hashes of whole subtrees of 2^level entries, the
	// first of which is that of number from, counted from 0.
	PutTreeHashes(level int, from uint64, hashes ...sohoa.Digest) error
	PutJournalHead(h JournalHead) error
	// PutJournalCheck keeps c in place of the check before.
	PutJournalCheck(c JournalCheck) error
	// Lease makes holder the only one who holds name for a time d from now,
	// and reports whether it is. Who holds it renews it so. 0 gives it up.
	Lease(name, holder string, d time.Duration) (bool, error)
}

// JournalFinder finds entries.
type JournalFinder interface {
	// FindEntries returns the entries that q selects, the newest first.
	FindEntries(ctx context.Context, q JournalQuery) ([]sohoa.Entry, error)
}

// JournalTree is what the catalogue knows of the Merkle tree over the journal
// (archive/journal), and of its heads.
type JournalTree interface {
	// EntryHashes returns the hashes of up to n entries, as stored, the first
	// of which has the sequence number from.
	EntryHashes(ctx context.Context, from uint64, n int) ([]sohoa.Digest, error)
	// TreeHashes returns up to n hashes as JournalTx.PutTreeHashes kept them,
	// from that of number from up to the first that is not there.
	TreeHashes(ctx context.Context, level int, from uint64, n int) ([]sohoa.Digest, error)
	// JournalHeads returns up to limit kept heads, the newest first; 0 is all.
	JournalHeads(ctx context.Context, limit int) ([]JournalHead, error)
	// JournalCheck returns the newest check, or sohoa.ErrNotExist.
	JournalCheck(ctx context.Context) (JournalCheck, error)
}

// JournalQuery selects entries; zero fields select all.
type JournalQuery struct {
	// Person is the identity number or the full name of the owner of dossiers.
	// It selects what was done with these, with their documents, and the
	// searches that found one of them.
	Person   string
	Document sohoa.DocumentID // also searches that found it
	Dossier  string           // also searches that found one of its documents
	// Within selects what was done with the dossiers in scope, by the people of
	// its agencies, and the searches that found one of its documents; nil is
	// everything.
	Within  *sohoa.Scope
	Actor   string
	Actions []sohoa.Action
	From    time.Time // not before
	Until   time.Time // before
	After   uint64    // sequence numbers greater than
	Before  uint64    // sequence numbers less than
	Oldest  bool      // the oldest first
	Limit   int       // 0 is 100
}

// JournalHead is the head of the journal's tree at the end of a day.
type JournalHead struct {
	Day     string         `json:"day"`  // in Việt Nam, 2026-11-30
	From    uint64         `json:"from"` // size of the head before
	Size    uint64         `json:"size"`
	Root    sohoa.Digest   `json:"root"`
	Text    string         `json:"text"` // of the head, as it is timestamped
	Made    time.Time      `json:"made"`
	Token   []byte         `json:"token,omitempty"`   // RFC 3161 timestamp over Text
	Stamped time.Time      `json:"stamped,omitzero"`  // the time that Token states
	Problem *sohoa.Problem `json:"problem,omitempty"` // why there is no Token
	Kept    int            `json:"kept,omitempty"`    // version of the day's object in the storage root
	Whole   bool           `json:"whole,omitempty"`   // that version has all that is known here
}

// HeadState says how far a head got.
type HeadState string

// The states of a head.
const (
	HeadStamped   HeadState = "stamped"
	HeadAwaiting  HeadState = "awaiting-timestamp" // the authority was away; asked again
	HeadUnstamped HeadState = "unstamped"          // no authority is configured
)

// State is the state of h.
func (h JournalHead) State() HeadState {
	switch {
	case len(h.Token) > 0:
		return HeadStamped
	case h.Problem != nil && h.Problem.Code == "journal.no-tsa":
		return HeadUnstamped
	}
	return HeadAwaiting
}

// JournalCheck is the result of verifying the whole journal.
type JournalCheck struct {
	At       time.Time        `json:"at"`
	By       string           `json:"by"` // User.Name, or "system"
	Size     uint64           `json:"size"`
	Hash     sohoa.Digest     `json:"hash"` // of the newest entry
	Root     sohoa.Digest     `json:"root"` // of the tree over all entries
	Text     string           `json:"text,omitempty"`
	Heads    int              `json:"heads"`   // that were compared
	Stamped  int              `json:"stamped"` // of these, with a timestamp that proves them
	Findings []JournalFinding `json:"findings,omitempty"`
}

// OK reports whether nothing was found.
func (c JournalCheck) OK() bool { return len(c.Findings) == 0 }

// JournalFinding is one thing that is wrong with the journal.
type JournalFinding struct {
	Code   string `json:"code"` // docs/format.md lists them
	Seq    uint64 `json:"seq,omitempty"`
	Head   string `json:"head,omitempty"` // day or file of the head that shows it
	Detail string `json:"detail,omitempty"`
}

// JournalLinks are the documents that the detail of an entry names under
// "found", each once: those that a search or a report showed.
func JournalLinks(e sohoa.Entry) []sohoa.DocumentID {
	if !strings.Contains(e.Detail, `"found"`) {
		return nil // nearly all; spares Append reading them
	}
	var d struct{ Found []string }
	if json.Unmarshal([]byte(e.Detail), &d) != nil {
		return nil
	}
	var ids []sohoa.DocumentID
	seen := map[sohoa.DocumentID]bool{}
	for _, s := range d.Found {
		if id, err := sohoa.ParseDocumentID(s); err == nil && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// journalBatch is how many entries are checked at a time.
const journalBatch = 1000

// VerifyJournal reads the whole journal and checks that no entry was altered,
// removed or put in between. It returns the newest entry. The error names
// the first entry that does not fit, with sohoa.ErrVerification.
func VerifyJournal(ctx context.Context, j Journal) (sohoa.Entry, error) {
	var prev sohoa.Entry
	for {
		entries, err := j.Entries(ctx, prev.Seq, journalBatch)
		if err != nil {
			return prev, err
		}
		for _, e := range entries {
			if err := e.Follows(prev); err != nil {
				return prev, err
			}
			prev = e
		}
		if len(entries) == 0 {
			return prev, nil
		}
	}
}
