// Package eark writes and reads E-ARK information packages: what one archive
// gives to another (SIP), keeps (AIP) or hands to a user (DIP), after the
// common specification CSIP 2.0.4 that TT 05/2025/TT-BNV names, with METS 1.12,
// PREMIS 3, EAD 2002 and the descriptive fields of that circular.
//
// Terms. A package is a folder, in a ZIP or TAR file or by itself. A
// representation of it is one form of all its documents: as they came, as they
// are kept, for reading, as text. METS.xml, of the package and of each
// representation, lists every other file with its size and SHA-256.
//
// Guarantees. Write streams: contents pass through without being held, and
// each is compared with its digest on the way; where one differs nothing good
// remains. The same package at the same time gives the same bytes. Read
// believes nothing: names, sizes, counts and digests of a package are checked
// before anything of it is used, and all that is wrong is reported at once.
package eark

import (
	"context"
	"io"
	"time"

	"sohoa"
)

// Kind is what a package is for (OAIS).
type Kind string

// The kinds.
const (
	SIP Kind = "SIP" // transfer between systems
	AIP Kind = "AIP" // preservation
	DIP Kind = "DIP" // for users
)

// profiles are the METS profiles of CSIP 2.0.4 and its children.
var profiles = map[Kind]string{
	SIP: "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml",
	AIP: "https://earkaip.dilcis.eu/profile/E-ARK-AIP.xml",
	DIP: "https://earkdip.dilcis.eu/profile/E-ARK-DIP.xml",
}

// Rep names a representation.
type Rep string

// The representations. The circular's packages have rep1 with what is kept.
const (
	RepKept     Rep = "rep1" // PDF/A, and with its signatures
	RepOriginal Rep = "rep2" // as it came
	RepAccess   Rep = "rep3" // small, for reading
	RepText     Rep = "rep4" // recognised text
)

// repTypes say in METS what a representation is.
var repTypes = map[Rep]string{RepKept: "ARCHIVAL", RepOriginal: typeOriginal, RepAccess: "ACCESS", RepText: "TEXT"}

const typeOriginal = "ORIGINAL"

// reps is their order in a package.
var reps = []Rep{RepKept, RepOriginal, RepAccess, RepText}

// Package is an information package to be written. It is for one goroutine,
// and is not changed once its ID was asked for.
type Package struct {
	Kind      Kind
	Created   time.Time
	Label     string
	Agency    sohoa.Agency // that makes the package
	Recipient string       // archive that it is for; may be empty
	Version   string       // of the program
	Fields    Fields       // of the dossier, DossierFields
	Facts     []Fact       // about the dossier that the circular has no field for
	Events    []Event      // in the life of the dossier
	Agents    []Agent      // those that events name
	Documents []Document
	Notes     []File // documentation/; Rep is empty

	id string // once it was asked for
}

// Document is one document of a package.
type Document struct {
	ID     string // of its own, from where it was before
	Serial int    // from 1, unique in the package
	Fields Fields // DocumentFields
	Facts  []Fact
	Events []Event
	Files  []File
}

// Fact is a property of an object that PREMIS carries by name.
type Fact struct{ Name, Value string }

// Event is something that happened to a dossier or a document (PREMIS).
type Event struct {
	Type    string // of the Library of Congress' vocabulary, where it has one
	Time    time.Time
	Detail  string
	Outcome string // "success" or "failure"
	Agent   string // Agent.ID
}

// Agent is who or what took part in an event.
type Agent struct {
	ID   string
	Name string
	Type string // "person", "organization" or "software"
}

// File is one file of a package.
type File struct {
	Rep       Rep
	Part      string // tells files of a document in one representation apart; may be empty
	Name      string // as it was called; of Notes the name in the package
	MediaType string
	Format    string // for people, e.g. "PDF/A-2u"
	Size      int64
	Digest    sohoa.Digest
	Created   time.Time
	Open      func(ctx context.Context) (io.ReadCloser, error)
}
