package archive

import (
	"context"
	"time"

	"sohoa"
)

// Samples are the reads about quality samples.
type Samples interface {
	// Sampleable calls visit with every kept document that a sample could
	// draw, in the order of their identifiers, and says of each whether a
	// sample that was drawn before this one has it. Documents all of whose pages
	// were moved are left out. An error of visit ends it and comes back.
	Sampleable(ctx context.Context, scope sohoa.Scope, q SampleableQuery, visit func(id sohoa.DocumentID, before bool) error) error
	// Sample returns a sample of an agency in scope; one of the whole
	// installation is in the scope of Everything only.
	Sample(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Sample, error)
	// FindSamples returns the newest first.
	FindSamples(ctx context.Context, scope sohoa.Scope, q SampleQuery) ([]sohoa.Sample, error)
	// SampleItems returns the documents of a sample in their order.
	SampleItems(ctx context.Context, id sohoa.SetID) ([]sohoa.SampleItem, error)
	// FindFaults returns documents of closed samples in which faults were
	// found, the newest samples first. One is in scope where its dossier was
	// when it was drawn, whoever may see the sample.
	FindFaults(ctx context.Context, scope sohoa.Scope, q FaultQuery) ([]sohoa.SampleItem, error)
	// Quality counts by agency what samples closed from one moment until
	// another, which is not included, came to; sorted by the agency's code.
	Quality(ctx context.Context, scope sohoa.Scope, from, until time.Time) ([]QualityCount, error)
}

// SampleableQuery selects what could be drawn; zero fields but the times select
// all.
type SampleableQuery struct {
	From, Until time.Time // of Document.KeptAt; Until is not included
	Procedure   string    // Dossier.Procedure
	Type        string    // Life.Type
	Before      sohoa.SetID
}

// SampleQuery selects samples; zero fields select all.
type SampleQuery struct {
	Open  bool
	Limit int // 0 is 100
}

// FaultQuery selects documents with faults; zero fields select all.
type FaultQuery struct {
	Document sohoa.DocumentID
	Due      bool // only those that nobody has corrected
	Limit    int  // 0 is 100
}

// QualityCount is what samples came to at one agency.
type QualityCount struct {
	Agency        string // Agency.Code
	Documents     int
	DocumentsGood int
	Pages         int
	PagesGood     int
	Due           int // documents with faults that nobody has corrected
}

// SamplesTx are the changes to them.
type SamplesTx interface {
	Sample(id sohoa.SetID) (sohoa.Sample, error)
	PutSample(s sohoa.Sample) error
	// SampleItem returns a document of a sample, or the Problem
	// "sample.not-in".
	SampleItem(id sohoa.SetID, document sohoa.DocumentID) (sohoa.SampleItem, error)
	SampleItems(id sohoa.SetID) ([]sohoa.SampleItem, error)
	PutSampleItem(i sohoa.SampleItem) error
	// Sampled reports whether a sample has a document. No other transaction
	// enters a sample's documents until this one ends.
	Sampled(document sohoa.DocumentID) (bool, error)
}

// UnknownSample is the Problem of a sample that is not there.
func UnknownSample(id sohoa.SetID) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sample.unknown", Args: []string{string(id)}}
}

// NotInSample is the Problem of a document that a sample does not have.
func NotInSample(id sohoa.DocumentID) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sample.not-in", Args: []string{id.String()}}
}
