// Package sohoa holds the words that every part of the service shares: what a
// document, a page, a word on it, a signature and a journal entry are, which
// kinds of error exist, and which bounds apply to what people bring.
//
// It does no I/O and imports the standard library only. Stores, recognition,
// signing, search and screens live in the packages below it; the arrows
// between them are listed in imports_test.go.
//
// Coordinates. A page has one frame: the upright page, in pixels of its stored
// image, x to the right and y downwards, (0,0) at the top left. Where the
// stored image lies on its side, Page.Turn says how to turn it; boxes are
// always those of the upright page.
package sohoa

import (
	"strings"
	"time"
	"unicode"
)

// Dossier (hồ sơ) is one request that a person makes of an agency, together
// with the papers that belong to it. Its fields follow the national portal's
// (docs/terms.md has the names side by side).
type Dossier struct {
	Code      string    `json:"code"`      // MaHoSo, opaque text, unique
	Procedure string    `json:"procedure"` // MaTTHC
	Agency    string    `json:"agency"`    // DonViXuLy, an Agency.Code
	Owner     Owner     `json:"owner"`     // ChuHoSo
	Subject   string    `json:"subject,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	CreatedBy string    `json:"createdBy"`
	Ended     Date      `json:"ended,omitempty"` // last day of work on it (NgayKetThucXuLy); empty until somebody says so
	Due       Date      `json:"due,omitempty"`   // day on which it is to be returned to its owner (NgayHenTra); empty where none was named
}

// Owner is the person or organisation a dossier belongs to (ChuHoSo).
type Owner struct {
	Name     string `json:"name"`
	IDNumber string `json:"idNumber,omitempty"` // identity number, digits only

	BirthDate Date `json:"birthDate,omitempty"` // of a person, where it is known
}

// Agency is an office that receives dossiers or issues results.
type Agency struct {
	Code string `json:"code"` // mã định danh cơ quan, e.g. H49.64.33
	Name string `json:"name"`

	Parent string `json:"parent,omitempty"` // Agency.Code of the one above; empty is none
}

// Document is one file that was brought in, and what became of it; or pages
// that were split off one.
type Document struct {
	ID         DocumentID      `json:"id"`
	Dossier    string          `json:"dossier"`   // Dossier.Code
	Name       string          `json:"name"`      // file name as given, made safe to show; never used as a path or key
	MediaType  string          `json:"mediaType"` // found by looking at the bytes
	Size       int64           `json:"size"`      // bytes of the original
	Digest     Digest          `json:"digest"`    // of the original
	State      State           `json:"state"`
	Problem    *Problem        `json:"problem,omitempty"` // why it is parked
	Stage      Stage           `json:"stage,omitempty"`   // the stage under way, or where it is parked
	Pages      int             `json:"pages"`             // 0 until split
	PagesRead  int             `json:"pagesRead"`
	Master     Master          `json:"master,omitempty"` // what the pdf rendition is
	Signature  SignatureState  `json:"signature"`
	SignReason *Problem        `json:"signReason,omitempty"` // why it is not signed, or not timestamped
	SignedRole Role            `json:"signedRole,omitempty"` // the rendition that the signed one was made of: RolePDF or RoleAccess
	Signatures []SignatureMade `json:"signatures,omitempty"` // made here, oldest first
	ProofUntil time.Time       `json:"proofUntil,omitzero"`  // until then the newest timestamp proves the signatures; then it must have been renewed
	Set        SetID           `json:"set,omitempty"`        // the open signing set that it is in
	Lookup     string          `json:"lookup,omitempty"`     // what the QR code on a printed copy asks for
	Fields     []Field         `json:"fields,omitempty"`
	FieldsAt   int             `json:"fieldsAt,omitempty"`   // version of Fields: counts how often they were found or confirmed
	FieldsKept int             `json:"fieldsKept,omitempty"` // FieldsAt of the version in the storage root
	Revision   int             `json:"revision"`             // OCFL version kept, 0 until kept
	AcceptedAt time.Time       `json:"acceptedAt"`
	AcceptedBy string          `json:"acceptedBy"`
	KeptAt     time.Time       `json:"keptAt,omitzero"`

	Life      Life      `json:"life,omitzero"`
	LifeKept  int       `json:"lifeKept,omitempty"` // Life.Change of the version in the storage root
	Disposal  SetID     `json:"disposal,omitempty"` // the open proposal for disposal that it is in (xem xét hủy); of one that was destroyed, that which did it
	Destroyed time.Time `json:"destroyed,omitzero"` // when nothing was left of it but this
	Copied    int       `json:"copied,omitempty"`   // the version that the second copy has, read back; 0 is none

	Held        bool         `json:"held,omitempty"`        // a person arranges its pages; it is read, and signed only after its release
	Waits       Wait         `json:"waits,omitempty"`       // what it waits for before it is signed; empty is for nobody
	Arrangement int          `json:"arrangement,omitempty"` // version of the Arrangement of its pages; 0 is as they came
	SplitFrom   DocumentID   `json:"splitFrom,omitzero"`    // the document that it was split off; it has no original of its own
	MovedTo     []DocumentID `json:"movedTo,omitempty"`     // all of its pages were moved to these; what is kept of it is its original

	Expected  int  `json:"expected,omitempty"`  // pages that whoever brought it counted on the paper; 0 is not counted
	HeldCount bool `json:"heldCount,omitempty"` // Held because of Miscounted only, by nobody; agreeing numbers let it go on
}

// State is where a document stands in its life, as people see it.
type State string

// The states of a document. A state is set only after the work that it names
// was read back.
const (
	StateAccepted State = "accepted" // the original is durable; nothing has looked at it yet
	StateReading  State = "reading"  // split; its pages are being read
	StateRead     State = "read"     // every page is read and searchable; being composed, signed and kept
	StateKept     State = "kept"     // in the storage root, read back
	StateParked   State = "parked"   // stopped, with a Problem; a person may retry

	StateDestroying State = "destroying" // being destroyed by an approved disposal; no longer served
	StateDestroyed  State = "destroyed"  // a tombstone: ID, dossier, type, disposal and time are all there is
)

// Wait names why a document that is ready to be signed is not signed yet.
type Wait string

// WaitFields is that a person has to confirm its fields first. An office can
// ask for that (setting confirm_before_sign).
const WaitFields Wait = "fields"

// Stage is a step of the pipeline. Each is a job of its own.
type Stage string

// The stages, in order. StageStamp follows a document that was kept without
// the timestamp it should have; those after it are for kept documents too.
const (
	StageSplit    Stage = "split"
	StageRead     Stage = "read"
	StageCompose  Stage = "compose"
	StageSign     Stage = "sign"
	StagePreserve Stage = "preserve"
	StageStamp    Stage = "stamp"
	StageCosign   Stage = "cosign"  // a signature that was made in a signing set is kept; the office's own turn
	StageCollect  Stage = "collect" // the values that a remote service has later
	StageRenew    Stage = "renew"   // evidence and a new document timestamp
	StageAmend    Stage = "amend"   // what was decided about it goes into the storage root
	StageCopy     Stage = "copy"    // the newest version goes into the second copy
	StageRecord   Stage = "record"  // an archive.Record goes into the storage root; its ID is in the place of a document's
	StageDestroy  Stage = "destroy" // of an approved Disposal, whose ID is in the place of a document's
)

// Master says what the pdf rendition of a document is.
type Master string

// A scan becomes PDF/A-2u. A PDF that was born digital, or that already
// carries signatures, is never rewritten: it is its own master.
const (
	MasterPDFA     Master = "pdfa-2u"
	MasterOriginal Master = "original"
)

// SignatureState says how far our signature on a document got. It never
// says more than what was verified after signing.
type SignatureState string

// The states of our signature.
const (
	SignaturePending   SignatureState = "pending"            // not reached yet
	SignatureNone      SignatureState = "unsigned"           // no key configured, or signing refused: SignReason
	SignatureBasic     SignatureState = "signed-B-B"         // PAdES B-B, no timestamp asked for
	SignatureDue       SignatureState = "awaiting-signers"   // kept unsigned; people sign it in Document.Set
	SignatureAwaiting  SignatureState = "awaiting-timestamp" // signed, a timestamp was asked for and is still missing
	SignatureTimed     SignatureState = "signed-B-T"         // PAdES B-T
	SignatureLongTerm  SignatureState = "signed-B-LT"        // PAdES B-LT
	SignatureArchived  SignatureState = "signed-B-LTA"       // PAdES B-LTA
	SignatureUncertain SignatureState = "failed"             // made, but did not verify; not used
)

// Page is one page of a document.
type Page struct {
	Document   DocumentID `json:"document"`
	Number     int        `json:"number"`     // 1-based
	Width      int        `json:"width"`      // pixels of the stored image, as stored
	Height     int        `json:"height"`     // pixels of the stored image, as stored
	DPI        float64    `json:"dpi"`        // of the stored image
	Turn       int        `json:"turn"`       // degrees clockwise (0, 90, 180, 270) that make the stored image upright; From.Turn is part of it
	Skew       float64    `json:"skew"`       // degrees clockwise of the upright page's lines, as scanned
	Source     PageSource `json:"source"`     // how the image came about
	MediaType  string     `json:"mediaType"`  // of the stored image
	Image      Digest     `json:"image"`      // of the stored image
	TextSource TextSource `json:"textSource"` // where its words come from
	Words      int        `json:"words"`
	Confidence float64    `json:"confidence"`        // mean of its words, 0 to 100
	Blank      bool       `json:"blank"`             // no ink worth reading
	Read       bool       `json:"read"`              // its text is stored and searchable
	Problem    *Problem   `json:"problem,omitempty"` // why it could not be read; the image is kept all the same

	From         PageRef   `json:"from,omitzero"`          // where it came from, once pages were arranged; Origin has it in any case
	SourceReason string    `json:"sourceReason,omitempty"` // code of the reason why the image is not what the file holds (docs/format.md)
	PDF          Treatment `json:"pdf,omitzero"`           // how it went into the pdf rendition
	Access       Treatment `json:"access,omitzero"`        // how it went into the access copy
}

// PageSource tells how a page's stored image came about.
type PageSource string

// The sources of a page image.
const (
	SourceImage    PageSource = "image"    // the original file itself
	SourceFrame    PageSource = "frame"    // decoded and stored again without loss: a frame of a TIFF, pixels of a PDF, WebP, HEIC; or as SourceReason says
	SourceDirect   PageSource = "direct"   // the only image on a PDF page, its own bytes
	SourceRendered PageSource = "rendered" // a PDF page rendered at Page.DPI
)

// TextSource tells where a page's words come from.
type TextSource string

// The sources of text.
const (
	TextOCR   TextSource = "ocr"   // recognised
	TextPDF   TextSource = "pdf"   // the text layer that the page brought along
	TextMixed TextSource = "mixed" // text that the page draws itself, and beside it what was recognised
)

// PageText is what stands on a page: its lines and words in reading order,
// placed in the frame of the upright page. It is stored as JSON
// (docs/format.md) and is the only input of text layers, search and screens.
type PageText struct {
	Page     int        `json:"page"`   // 1-based
	Width    int        `json:"width"`  // of the upright page, pixels
	Height   int        `json:"height"` // of the upright page, pixels
	DPI      float64    `json:"dpi"`
	Turn     int        `json:"turn"` // as Page.Turn
	Skew     float64    `json:"skew"` // as Page.Skew
	Source   TextSource `json:"source"`
	Engine   string     `json:"engine"`             // e.g. "tesseract 5.3.0 vie+eng"
	Blank    bool       `json:"blank,omitempty"`    // as Page.Blank
	Lines    []Line     `json:"lines"`              // reading order
	Codes    []Code     `json:"codes,omitempty"`    // barcodes and QR codes
	CPUMilli int64      `json:"cpuMilli,omitempty"` // CPU time of all that was done with the page, milliseconds

	RecogniseMilli int64 `json:"recogniseMilli,omitempty"` // of that, inside the recognition engine; without the access copy's check
}

// Line is one line of text.
type Line struct {
	Block    int     `json:"block"`    // 0-based, equal for lines of one block
	Par      int     `json:"par"`      // 0-based paragraph inside the block
	Box      Rect    `json:"box"`      // encloses the line
	Baseline Segment `json:"baseline"` // from the left end to the right end; its slope is the line's skew
	Height   float64 `json:"height"`   // ascender to descender across the baseline, pixels
	Words    []Word  `json:"words"`
}

// Word is one recognised word, in NFC.
type Word struct {
	Text       string  `json:"text"`
	Box        Rect    `json:"box"`
	Confidence float64 `json:"conf"` // 0 to 100; 100 for text that the page draws itself, and for an old layer the share of its letters that are legible
}

// Rect is an axis-parallel box: left, top, right, bottom, in pixels.
type Rect struct {
	X0 float64 `json:"x0"`
	Y0 float64 `json:"y0"`
	X1 float64 `json:"x1"`
	Y1 float64 `json:"y1"`
}

// Width is the extent of r along x.
func (r Rect) Width() float64 { return r.X1 - r.X0 }

// Height is the extent of r along y.
func (r Rect) Height() float64 { return r.Y1 - r.Y0 }

// Segment is a directed straight line between two points, in pixels.
type Segment struct {
	X0 float64 `json:"x0"`
	Y0 float64 `json:"y0"`
	X1 float64 `json:"x1"`
	Y1 float64 `json:"y1"`
}

// Field is one value taken from a document's text, or typed by a person.
type Field struct {
	Name       string  `json:"name"`  // a FieldName
	Value      string  `json:"value"` // normalised: dates are YYYY-MM-DD
	Text       string  `json:"text"`  // as it stands on the page
	Page       int     `json:"page"`
	Box        Rect    `json:"box"`
	Confidence float64 `json:"conf"`
	Rule       string  `json:"rule"`      // what found it
	Confirmed  bool    `json:"confirmed"` // a person compared it with the paper; an empty value is then not on it

	By   string    `json:"by,omitempty"`   // User.Name of who confirmed it
	At   time.Time `json:"at,omitzero"`    // when
	Read *Reading  `json:"read,omitempty"` // what recognition had found, where a person gave another value
}

// Field names, after the document fields of TT 05/2025/TT-BNV (EAD_doc).
const (
	FieldTypeName     = "typeName"     // loại văn bản
	FieldCodeNumber   = "codeNumber"   // số
	FieldCodeNotation = "codeNotation" // ký hiệu
	FieldIssuedDate   = "issuedDate"   // ngày ban hành
	FieldOrganName    = "organName"    // cơ quan ban hành
	FieldSubject      = "subject"      // trích yếu

	FieldSigner    = "signer"    // người ký
	FieldOwnerName = "ownerName" // họ tên chủ giấy tờ, where the paper names one
	FieldOwnerID   = "ownerId"   // số định danh cá nhân, or mã định danh điện tử of an organisation
)

// Role names what a stored file is to its document.
type Role string

// The roles of files. Originals are never changed; the image and thumbnail
// of a page can be made again from the original.
const (
	RoleOriginal Role = "original"
	RoleImage    Role = "image" // of a page
	RoleThumb    Role = "thumb" // of a page, upright JPEG, 320 pixels wide
	RoleText     Role = "text"  // PageText of a page, JSON
	RolePDF      Role = "pdf"
	RoleAccess   Role = "access" // the access copy: small, for the screen and the post
	RoleSigned   Role = "signed"
	RoleMetadata Role = "metadata"
)

// File is one stored file of a document.
type File struct {
	Role      Role   `json:"role"`
	Page      int    `json:"page,omitempty"` // for roles of a page, 1-based
	Key       string `json:"key"`            // where its bytes are in the object store
	Size      int64  `json:"size"`
	Digest    Digest `json:"digest"`
	MediaType string `json:"mediaType"`
}

// Entry is one line of the journal: who did what to what, when and why.
// Entries are chained: Hash covers the entry and the hash of the one before.
type Entry struct {
	Seq      uint64     `json:"seq"` // 1, 2, 3, ... without gaps
	Time     time.Time  `json:"time"`
	Actor    string     `json:"actor"`  // user name, or "system"
	Action   Action     `json:"action"` // see the Action constants
	Document DocumentID `json:"document,omitzero"`
	Dossier  string     `json:"dossier,omitempty"`
	Page     int        `json:"page,omitempty"`
	Purpose  string     `json:"purpose,omitempty"`
	Detail   string     `json:"detail,omitempty"` // JSON object or empty; never the content of a paper
	Prev     Digest     `json:"prev"`
	Hash     Digest     `json:"hash"`
}

// Action says what a journal entry records.
type Action string

// The actions that are journalled.
const (
	ActionAccept   Action = "document.accept"
	ActionSplit    Action = "document.split"
	ActionRead     Action = "page.read"
	ActionCompose  Action = "document.compose"
	ActionSign     Action = "document.sign"
	ActionStamp    Action = "document.stamp"
	ActionKeep     Action = "document.keep"
	ActionPark     Action = "document.park"
	ActionRetry    Action = "document.retry"
	ActionConfirm  Action = "document.confirm" // a person compared its fields with the paper
	ActionRecover  Action = "document.recover"
	ActionHold     Action = "document.hold"
	ActionArrange  Action = "document.arrange"
	ActionRelease  Action = "document.release"
	ActionSet      Action = "set.create"
	ActionDelegate Action = "set.delegate"
	ActionRefuse   Action = "set.refuse"
	ActionWithdraw Action = "set.withdraw"
	ActionPrepare  Action = "document.prepare-signature"
	ActionRenew    Action = "document.renew"
	ActionLookup   Action = "document.lookup"
	ActionAmend    Action = "document.amend" // what was decided about it is in the storage root
	ActionCopied   Action = "store.copy"     // a version is in the second copy
	ActionFixity   Action = "store.fixity"   // a pass began or ended
	ActionDamage   Action = "store.damage"   // something is not as it was kept
	ActionRepair   Action = "store.repair"
	ActionSecond   Action = "store.second"    // another store has the second copy from now on
	ActionExport   Action = "document.export" // it left the archive in a package
	ActionImport   Action = "document.import" // it came in a package
	ActionCopy     Action = "document.copy"   // a copy was given to somebody
	ActionDossier  Action = "dossier.create"

	ActionDossierSet Action = "dossier.set" // its owner, procedure or subject was brought up to date

	ActionRevoke    Action = "document.revoke"
	ActionReinstate Action = "document.reinstate" // a revocation or replacement was taken back by a decision
	ActionReplace   Action = "document.replace"
	ActionValidity  Action = "document.validity"
	ActionType      Action = "document.type"
	ActionRetention Action = "document.retention"
	ActionLegalHold Action = "document.legal-hold"
	ActionLiftHold  Action = "document.lift-hold"
	ActionSchedule  Action = "schedule.set"
	ActionEnd       Action = "dossier.end"
	ActionPropose   Action = "disposal.propose" // of the disposal, and of each document
	ActionDecide    Action = "disposal.decide"
	ActionApprove   Action = "disposal.approve"
	ActionStop      Action = "disposal.withdraw"
	ActionSpare     Action = "disposal.spare" // a document left a disposal and stays
	ActionDestroy   Action = "document.destroy"
	ActionCertify   Action = "disposal.certify"

	ActionStatus      Action = "dossier.status"    // somebody without an account asked how far it is
	ActionCopyEnd     Action = "document.copy-end" // a copy that was lent is called back
	ActionCompare     Action = "document.compare"  // a digitised paper was compared with the original
	ActionResult      Action = "document.result"   // it was given the code of a result
	ActionHeld        Action = "reuse.look-up"     // what is held of a person was looked up for a requirement
	ActionReuse       Action = "reuse.accept"
	ActionDecline     Action = "reuse.decline"
	ActionReuseEnd    Action = "reuse.end"
	ActionReuseLost   Action = "reuse.lost"      // what a dossier uses is of no force any more
	ActionReuseSeen   Action = "reuse.seen"      // somebody knows it
	ActionAssign      Action = "document.assign" // somebody said which paper of its dossier it is
	ActionExpect      Action = "document.count"  // somebody counted its pages on the paper
	ActionOmit        Action = "paper.omit"      // a paper is not digitised
	ActionOmitEnd     Action = "paper.omit-end"  // that was taken back
	ActionProcedure   Action = "procedure.set"
	ActionAgency      Action = "agency.set"
	ActionKey         Action = "api-key.set"
	ActionHook        Action = "webhook.set"
	ActionHookFail    Action = "webhook.failed" // given up for good
	ActionSuggest     Action = "search.suggest"
	ActionSavedSearch Action = "search.save"

	ActionSample      Action = "sample.draw"
	ActionJudge       Action = "sample.judge" // of a page of a document, or of all of it
	ActionSampleClose Action = "sample.close" // with its result
	ActionCorrect     Action = "sample.correct"

	ActionView     Action = "document.view"
	ActionDownload Action = "document.download"
	ActionSearch   Action = "search"
	ActionUser     Action = "user.set"
	ActionSignIn   Action = "user.sign-in"
	ActionSignFail Action = "user.sign-in-failed"

	ActionDeny        Action = "access.refused"
	ActionPINFail     Action = "signature.failed" // wrong PIN
	ActionViewDossier Action = "dossier.view"
	ActionList        Action = "document.list"

	ActionFlag       Action = "access.flag"        // somebody read more than work takes
	ActionFlagClosed Action = "access.flag-closed" // an inspector looked at it

	ActionHead      Action = "journal.head"    // of the tree, at the end of a day
	ActionStampHead Action = "journal.stamp"   // its timestamp
	ActionVerify    Action = "journal.verify"  // of the whole journal
	ActionReport    Action = "journal.find"    // who did what, as asked for
	ActionRestore   Action = "journal.restore" // from the storage root; what came after is lost
)

// Hanoi is the time zone of everything on paper. Việt Nam has kept it without
// summer time since 1975; a fixed zone needs no zone database.
var Hanoi = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// maxDossierCode bounds Dossier.Code, in bytes: the length of fileCode in
// TT 05/2025/TT-BNV.
const maxDossierCode = 100

// Check reports as a Problem why d cannot be entered.
func (d Dossier) Check() error {
	ok := d.Code != "" && len(d.Code) <= maxDossierCode
	for _, r := range d.Code {
		ok = ok && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._/-", r))
	}
	if !ok {
		return &Problem{Kind: ErrInvalid, Code: "dossier.code", Args: []string{d.Code}}
	}
	return nil
}
