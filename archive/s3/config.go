package s3

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/encrypt"

	"sohoa"
)

// Config says where the bucket is and how it is used. Only Endpoint and
// Bucket are needed.
type Config struct {
	Endpoint     string // host[:port]
	Bucket       string
	AccessKey    string // default: AWS_ACCESS_KEY_ID and its like, else the file of AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials
	SecretKey    string
	SessionToken string // of temporary keys; default none
	Region       string // default us-east-1
	Prefix       string // put before every key, without a slash at the end; default none
	TLS          bool   // https
	CA           string // file of PEM certificates that the store's may lead to, beside the system's; default none
	PathStyle    bool   // https://host/bucket/key in place of https://bucket.host/key

	Encryption string // at the server: "" or "none", "AES256", or "aws:kms:" and the name of a key; refused if the store does not encrypt
	Lock       Lock   // what is kept is locked until the end of its retention; default LockNone; refused if the bucket has no Object Lock

	CreateBucket bool          // make the bucket if it is missing, with Object Lock if Lock says so
	PartBytes    int64         // larger blobs are sent in parts of this size; default 8 MiB, at least 5 MiB
	SpoolDir     string        // for blobs larger than one part while they are sent; default os.TempDir
	Timeout      time.Duration // longest silence of the store; default 30 s
	Retries      int           // attempts at one request; default 5

	// Dial connects in place of net.Dialer, e.g. where names of buckets are
	// not in the DNS. Optional.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Defaults and fixed values.
const (
	defaultPart    = 8 << 20
	minPart        = 5 << 20 // S3's lower bound
	defaultTimeout = 30 * time.Second
	defaultRetries = 5
	minRate        = 128 << 10 // bytes a second below which an upload is given up
	abandoned      = 24 * time.Hour
	digestKey      = "Sha256" // user metadata, as net/http spells it
	blocksKey      = "Blocks" // the same
)

// Lock is a mode of Object Lock.
type Lock string

// The modes. Governance can be lifted by accounts that the store permits it
// to (s3:BypassGovernanceRetention), compliance by nobody before its end. We
// lift neither.
const (
	LockNone       Lock = ""
	LockGovernance Lock = "governance"
	LockCompliance Lock = "compliance"
)

func (c *Config) setDefaults() {
	c.Region = cmp.Or(c.Region, "us-east-1")
	c.PartBytes = max(cmp.Or(c.PartBytes, defaultPart), minPart)
	c.Timeout = cmp.Or(c.Timeout, defaultTimeout)
	c.Retries = cmp.Or(c.Retries, defaultRetries)
	if c.Lock == "none" {
		c.Lock = LockNone
	}
}

func (c *Config) client() (*minio.Client, error) {
	creds, err := c.credentials()
	if err != nil {
		return nil, err
	}
	t, err := c.transport()
	if err != nil {
		return nil, err
	}
	lookup := minio.BucketLookupDNS
	if c.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.New(c.Endpoint, &minio.Options{
		Creds: creds, Secure: c.TLS, Region: c.Region, BucketLookup: lookup,
		Transport: understood{t, c.Timeout}, MaxRetries: c.Retries,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sohoa.ErrInvalid, err)
	}
	return client, nil
}

// credentials are those of the Config, or of the environment, or of the usual
// file; no service is asked for any.
func (c *Config) credentials() (*credentials.Credentials, error) {
	if c.AccessKey != "" {
		return credentials.NewStaticV4(c.AccessKey, c.SecretKey, c.SessionToken), nil
	}
	creds := credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}})
	v, err := creds.GetWithContext(nil)
	if err == nil && v.AccessKeyID == "" {
		err = errors.New("no access key in the settings, the environment or the credentials file")
	}
	if err != nil {
		return nil, &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "store.refused", Detail: err.Error()}
	}
	return creds, nil
}

func (c *Config) transport() (*http.Transport, error) {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: c.Timeout, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   c.Timeout,
		ResponseHeaderTimeout: c.Timeout,
		IdleConnTimeout:       time.Minute,
		MaxIdleConnsPerHost:   16,
		DisableCompression:    true,
	}
	if c.Dial != nil {
		t.DialContext = c.Dial
	}
	if c.CA == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("certificates of the object store: %w: %w", sohoa.ErrInvalid, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate in PEM: %w", c.CA, sohoa.ErrInvalid)
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool}
	return t, nil
}

func (c *Config) encryption() (encrypt.ServerSide, error) {
	key, isKMS := strings.CutPrefix(c.Encryption, "aws:kms:")
	switch {
	case c.Encryption == "", c.Encryption == "none":
		return nil, nil
	case c.Encryption == "AES256":
		return encrypt.NewSSE(), nil
	case isKMS && key != "":
		return encrypt.NewSSEKMS(key, nil)
	}
	return nil, fmt.Errorf("encryption %q is none of none, AES256 and aws:kms:KEY: %w", c.Encryption, sohoa.ErrInvalid)
}
