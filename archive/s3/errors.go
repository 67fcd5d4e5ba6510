package s3

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"

	"sohoa"
)

// explain turns what minio-go reports into the errors of archive.Blobs. ctx
// is the caller's: when it ended, that is the reason. What has no name of its
// own is an answer that makes no sense, or none: "store.unavailable".
func explain(ctx context.Context, err error) error {
	if err == nil || isOurs(err) {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var e minio.ErrorResponse
	if !errors.As(err, &e) {
		return unanswered(err)
	}
	if isAbsent(e) {
		return fmt.Errorf("%w: %w", sohoa.ErrNotExist, err)
	}
	return &sohoa.Problem{Kind: kindOf(e), Code: codeOf(e), Detail: detail(e)}
}

func detail(e minio.ErrorResponse) string {
	return strings.TrimSpace(e.Code + ": " + e.Error())
}

func isAbsent(e minio.ErrorResponse) bool {
	switch e.Code {
	case "NoSuchKey", "NoSuchUpload", "NoSuchVersion", "NoSuchBucket":
		return true
	}
	return e.StatusCode == http.StatusNotFound
}

// codeOf names what an answer says about the store.
func codeOf(e minio.ErrorResponse) string {
	switch {
	case e.StatusCode == http.StatusInsufficientStorage, isOneOf(e, "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"):
		return "store.full"
	case isOneOf(e, "RequestTimeTooSkewed", "RequestExpired"):
		return "store.clock"
	case isLocked(e):
		return "store.locked"
	case e.StatusCode == http.StatusForbidden, e.StatusCode == http.StatusUnauthorized, isOneOf(e, "ExpiredToken", "InvalidToken"):
		return "store.refused"
	case e.StatusCode == http.StatusServiceUnavailable, e.StatusCode == http.StatusTooManyRequests,
		isOneOf(e, "SlowDown", "SlowDownRead", "SlowDownWrite", "TooManyRequests", "Throttling"):
		return "store.slow"
	}
	return "store.unavailable"
}

// isLocked recognises Object Lock, for which the stores have no common code.
func isLocked(e minio.ErrorResponse) bool {
	m := strings.ToLower(e.Message)
	return e.Code == "ObjectLocked" || isOneOf(e, "AccessDenied", "InvalidRequest") && (strings.Contains(m, "worm") || strings.Contains(m, "object lock"))
}

func kindOf(e minio.ErrorResponse) error {
	switch codeOf(e) {
	case "store.refused", "store.locked":
		return sohoa.ErrForbidden
	}
	return sohoa.ErrUnavailable
}

func isOneOf(e minio.ErrorResponse, codes ...string) bool { return slices.Contains(codes, e.Code) }

// unanswered is an error of the connection.
func unanswered(err error) error {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	if errors.As(err, &unknown) || errors.As(err, &name) || errors.As(err, &invalid) {
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "store.certificate", Detail: err.Error()}
	}
	return unavailable(err)
}

func isOurs(err error) bool {
	for _, kind := range []error{
		sohoa.ErrNotExist, sohoa.ErrInvalid, sohoa.ErrUnavailable, sohoa.ErrVerification, sohoa.ErrConflict, sohoa.ErrForbidden,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

func unavailable(err error) error {
	return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.unavailable", Detail: err.Error()}
}
