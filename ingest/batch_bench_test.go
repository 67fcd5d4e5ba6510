package ingest_test

import (
	"runtime"
	"testing"
	"time"

	"sohoa"
)

// BenchmarkSignSet signs a set of documents with one PIN, to the last version
// in the storage root.
func BenchmarkSignSet(b *testing.B) {
	of := openOffice(b, options{})
	ids := of.papers(setSize)
	for b.Loop() {
		set := of.set(ids, one(sohoa.PartPerson, "binh")...)
		runtime.GC()
		start := time.Now()
		must(of.SignSet(b.Context(), "binh", set.ID, nil, pin))(b)
		authorised := time.Since(start)
		for _, id := range ids {
			of.item(set.ID, id, at(1, sohoa.ItemDone))
		}
		b.ReportMetric(authorised.Seconds()*1000, "ms-to-answer")
		b.ReportMetric(setSize/time.Since(start).Seconds(), "documents/s")
	}
}

// setSize is how many documents the benchmark signs.
const setSize = 100
