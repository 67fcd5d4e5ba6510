package ingest_test

import (
	"testing"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/s3"
	"sohoa/ingest"
)

// TestPipelineOnS3 keeps documents in buckets of real servers.
func TestPipelineOnS3(t *testing.T) {
	for _, server := range []string{"versitygw", "minio"} {
		t.Run(server, func(t *testing.T) {
			where := archivetest.StartS3(t, server)
			of := openOffice(t, options{store: func(ingest.Store) ingest.Store {
				return must(s3.Open(t.Context(), s3.Config{
					Endpoint: where.Endpoint, AccessKey: where.AccessKey, SecretKey: where.SecretKey,
					Bucket: "sohoa", Prefix: "office", PathStyle: true, CreateBucket: true, SpoolDir: t.TempDir(),
				}))(t)
			}})
			ids := map[string]sohoa.DocumentID{}
			for _, name := range []string{"trang-trang-01.jpg", "bien-ban-01.pdf"} {
				ids[name] = of.add(name, scan(t, name)).ID
			}
			for name, id := range ids {
				of.checkSigned(name, of.kept(id))
			}
			of.stop() // what follows the commit is done then
			for info, err := range of.Blobs.List(t.Context(), "work/") {
				t.Errorf("working copy left in the bucket: %v, %v", info.Key, err)
			}
			of.checkArchive()
		})
	}
}
