package s3_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/s3"
)

// buckets counts, so that each test has its own.
var buckets atomic.Int64

func config(server archivetest.S3) s3.Config {
	return s3.Config{
		Endpoint: server.Endpoint, AccessKey: server.AccessKey, SecretKey: server.SecretKey,
		Bucket: fmt.Sprintf("papers-%d", buckets.Add(1)), CreateBucket: true, PathStyle: true,
	}
}

func open(t *testing.T, c s3.Config) *s3.Store {
	t.Helper()
	s, err := s3.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBlobs(t *testing.T) {
	for _, name := range archivetest.S3Servers {
		t.Run(name, func(t *testing.T) {
			server := archivetest.StartS3(t, name)
			archivetest.Blobs(t, func(t *testing.T) archive.Blobs { return open(t, config(server)) })
		})
	}
}
