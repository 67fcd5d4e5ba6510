// Package journal proves that the journal is whole, and keeps it in the
// storage root.
//
// The entries, which already are a chain (sohoa.Entry.Follows), are also the
// leaves of a Merkle tree after RFC 9162, 2.1. A leaf is the hash of an
// entry's hash. The root over the first n entries is the tree's head of size
// n (Head): whoever has one, on paper or on another machine, can be shown
// that an entry is among them (Proof of an entry), that a later head only
// added to it (Proof of two heads), and by Keeper.Verify that the journal as
// it is now has that root, so that nothing before it was altered, reordered
// or cut.
//
// Life of an entry. Append seals it and commits; nothing here slows that
// down. Within seconds a Keeper writes it to the tail, blobs beside the
// storage root. After midnight of Việt Nam the Keeper makes the head of the
// day, has it timestamped, and puts it with the day's entries into the
// storage root, as an object of its own; then the tail up to there goes.
// Restore reads all of this back into an empty catalogue.
//
// Hashes of whole subtrees that the catalogue keeps make proofs quick. They
// are not trusted: a daily head goes on from the one before it and from the
// entries themselves, and Verify computes everything anew.
//
// In the store of blobs, beside the storage root:
//
//	journal/tail/<first>-<last>.jsonl   entries that no day's object has yet
//	journal/lost/...                    parts of a tail that do not follow what was restored
//	journal/day/<day>.jsonl             entries on their way into a day's object
package journal
