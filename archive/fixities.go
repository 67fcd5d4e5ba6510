package archive

// Fixities are the reads about fixity passes and second copies.
type Fixities interface{}

// FixitiesTx are the changes to them.
type FixitiesTx interface{}
