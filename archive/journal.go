package archive

import (
	"context"

	"sohoa"
)

// JournalTx are the changes to the journal beside Tx.Append.
type JournalTx interface{}

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
