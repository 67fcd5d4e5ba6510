package sohoa

import "time"

// Bounds on what people bring. They are the only ones; docs/operating.md
// lists them with their reasons. Beyond a bound stands a Problem that names
// it, never a truncated document.
const (
	MaxUploadBytes      = 1 << 30              // one file
	MaxNameRunes        = 200                  // of a file name as shown; longer ones are shortened in the middle
	MaxPages            = 1000                 // of one document
	MaxImagePixels      = 150_000_000          // of one page image (A2 at 600 dpi is 139 million)
	MaxRenderPixels     = 40_000_000           // of one rendered PDF page; the resolution is lowered to fit
	MaxPageLayers       = 44                   // images that one page of an access copy is made of
	MinPagePoints       = 3                    // side of a page in points; PDF/A's lower bound
	MaxPagePoints       = 14_400               // side of a page in points; PDF/A's upper bound
	RenderDPI           = 300                  // of a rendered PDF page
	MaxCodes            = 50                   // barcodes and QR codes of one page
	MaxCodeBytes        = 8192                 // of one of them, in UTF-8; the largest QR code says 7,089 digits
	MaxReadTime         = 2 * time.Minute      // recognising one page
	MaxRenderTime       = 30 * time.Second     // rendering one PDF page
	MaxOpenTime         = 60 * time.Second     // opening and walking one PDF
	MaxAttempts         = 6                    // of one stage before the document is parked
	MaxVerifyBytes      = 1 << 30              // a PDF whose signatures are checked
	MaxWorkerMemory     = 3 << 30              // address space of a child process, beyond what it reserves at rest
	MaxQueryRunes       = 300                  // of a search
	MaxHits             = 200                  // documents on one page of search results
	MaxSavedSearches    = 100                  // of one person
	MaxSavedNameRunes   = 100                  // of what they call one
	ShutdownGrace       = 10 * time.Second     // from SIGTERM to exit
	TSATimeout          = 30 * time.Second     // one timestamp request, unless the setting says more
	MaxTSACalls         = 4                    // timestamp requests at one authority at the same time
	MaxTSABytes         = 1 << 20              // one timestamp answer
	MaxTokenTime        = 60 * time.Second     // one request to a PKCS#11 token: log-in and finding keys, or one signature
	MaxTokenKeys        = 100                  // in a PKCS#11 token, of those that an address leaves to choose from
	MaxTokenURIBytes    = 4096                 // the address of a PKCS#11 key
	MaxPINBytes         = 256                  // a file with the PIN of a PKCS#11 token
	MaxRemoteTime       = 60 * time.Second     // one question to a remote signing service
	MaxRemoteBytes      = 4 << 20              // its answer; a signature value has 100 to 700 bytes
	MaxReturnedBytes    = 16 << 20             // that signing elsewhere adds to a document: signature, mark, evidence
	MaxRemoteDigests    = 1000                 // signed under one authorisation by a remote service
	MaxMarkRunes        = 1000                 // of the text of a mark
	MaxMarkAddress      = 200                  // bytes of the address in the QR code of a mark
	MaxMarkImageBytes   = 512 << 10            // PNG of a signature or a seal; it becomes part of each document that shows it
	MaxMarkImagePixels  = 2_000_000            // of that (a seal of 36 mm at 900 dpi is 1.6 million)
	MaxPendingSignature = 24 * time.Hour       // a prepared signature that waits for its value
	MaxKeyWait          = 15 * time.Minute     // a prepared signature that waits for a key of this server
	MaxSignerWait       = 2 * time.Hour        // one that waits for a remote service's user, or for a program on the signer's machine
	MaxPendingBytes     = 4 << 20              // one of them with the pictures of its mark
	MaxSetItems         = 1000                 // documents in a signing set
	MaxSetSteps         = 10                   // signers of a signing set
	MaxReasonRunes      = 1000                 // of why somebody refuses, delegates or withdraws
	MaxDecisionRunes    = 200                  // number, notation and date of a decision
	MaxScopeRunes       = 300                  // where a result is valid
	MaxRequirements     = 100                  // of one procedure
	MaxRules            = 500                  // of the retention schedule
	MaxRetentionYears   = 500                  // of one of its rules
	MaxDisposalItems    = 1000                 // documents in one proposal for disposal
	MaxMembers          = 30                   // of a council
	EvidenceTimeout     = 15 * time.Second     // one question about revocation, or for an issuer
	MaxOCSPBytes        = 256 << 10            // one OCSP answer; real ones have 500 to 5,000 bytes
	MaxCRLBytes         = 8 << 20              // one revocation list; it becomes part of the document
	MaxIssuerBytes      = 64 << 10             // one issuer's certificate
	MaxRecipients       = 16                   // keys that can read what is stored encrypted
	MaxKeyFileBytes     = 64 << 10             // a file of keys to it
	MaxKeyTime          = 60 * time.Second     // a command that prints such a file
	MaxReadingDays      = 15                   // that a reading copy is open (TT 05/2025/TT-BNV, Article 40)
	MaxPackageFiles     = 50_000               // in an information package that is brought
	MaxPackageBytes     = 64 << 30             // of all of them, unpacked
	MaxPackageRatio     = 200                  // by which a ZIP may grow when it is unpacked
	MaxPackageXML       = 32 << 20             // one METS, EAD or PREMIS file of it
	MaxPackagePath      = 512                  // bytes of a name in it
	MaxFindings         = 10_000               // of one fixity pass that are entered one by one; more are counted
	LockHorizon         = 365 * 24 * time.Hour // lock of what is kept for ever; renewed from half of it on
	MaxJournalFile      = 4 << 20              // a head or a proof of the journal that is brought back
	MaxKeyAgencies      = 500                  // of one API key
	MaxKeyNetworks      = 50                   // from which one may be used
	MaxKeyDays          = 730                  // that one is good for
	MaxKeyRate          = 6000                 // requests a minute with one
	KeyUseEvery         = time.Minute          // how exactly its last use is known
	MaxRequestBytes     = 64 << 10             // body of a request that a program makes, but for files
	MaxAnswerBytes      = 1 << 20              // answer that is kept to be given again
	AnswerTime          = 24 * time.Hour       // for which it is kept
	MaxIdempotencyKey   = 255                  // characters of the key that names a request
	MaxLinkTime         = 10 * time.Minute     // a link to one file, for a program
	MaxHooks            = 50                   // webhooks
	MaxHookURL          = 1000                 // bytes of the address of one
	MaxHookTime         = 15 * time.Second     // one delivery, from look-up of the name to the end of the answer
	MaxHookAnswer       = 16 << 10             // bytes of the answer that are read
	MaxHookAttempts     = 14                   // of one delivery, over three days; then its webhook is disabled
	MaxHookPending      = 1000                 // deliveries that wait at one webhook; the rest waits in the journal
	MaxHookLog          = 10_000               // deliveries of one webhook that are remembered,
	HookLogTime         = 30 * 24 * time.Hour  // and for how long
)
