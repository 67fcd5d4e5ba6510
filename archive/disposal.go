package archive

// Disposals are the reads about the retention schedule and about documents
// that are proposed for disposal, or were disposed of.
type Disposals interface{}

// DisposalsTx are the changes to them.
type DisposalsTx interface{}
