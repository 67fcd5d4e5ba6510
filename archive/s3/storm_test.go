package s3_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"sohoa/archive/archivetest"
)

// TestStorm has four workers read and write through a proxy that strikes one
// request in eight, in all ways it knows.
func TestStorm(t *testing.T) {
	faults := slices.Concat(archivetest.HTTPFaults, []archivetest.Fault{
		archivetest.Hang, archivetest.HangAfter, archivetest.Denied, archivetest.Skewed, archivetest.Slow(20 * time.Millisecond),
	})
	for i, name := range archivetest.S3Servers {
		t.Run(name, func(t *testing.T) {
			server := archivetest.StartS3(t, name)
			p := archivetest.StartProxy(t, server.Endpoint)
			server.Endpoint = p.Addr
			c := config(server)
			c.Timeout, c.Retries, c.PartBytes = time.Second, 3, 5<<20
			s := open(t, c)
			p.Random(uint64(i)+1, 0.125, faults...)
			tally := archivetest.Storm{
				Blobs: s, Seed: uint64(i) + 1, Workers: 4, Steps: 150, MaxSize: 6 << 20, Calm: func() { p.Calm() },
			}.Run(t)
			struck := 0
			for _, n := range p.Struck() {
				struck += n
			}
			t.Logf("%d operations done, failed %v; %d faults: %v", tally.Done, tally.Failed, struck, p.Struck())
			if kinds := len(slices.Collect(maps.Keys(p.Struck()))); struck < 50 || kinds < 15 || tally.Done < 300 {
				t.Errorf("%d faults of %d kinds, %d operations done: too little to show anything", struck, kinds, tally.Done)
			}
		})
	}
}
