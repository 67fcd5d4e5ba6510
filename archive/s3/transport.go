package s3

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// understood sees to it that an answer is one of an S3 store to the request
// that was sent.
type understood struct {
	http.RoundTripper
	patience time.Duration // longest that the store may ask us to wait
}

// RoundTrip implements http.RoundTripper.
func (u understood) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := u.RoundTripper.RoundTrip(r)
	for try := 1; err == nil && try < strayAnswers && isOfAnother(r, res); try++ {
		_ = res.Body.Close() // what it complains of was not this request
		res, err = u.RoundTripper.RoundTrip(r)
	}
	if err != nil {
		return nil, err
	}
	if !genuine(r, res) {
		_ = res.Body.Close() // is of no interest
		res.StatusCode, res.Status = http.StatusBadGateway, "502 this is not an answer of an S3 store"
		res.Body, res.ContentLength = http.NoBody, 0
	}
	u.wait(r.Context(), res)
	return res, nil
}

// strayAnswers is how many connections in a row may hold the answer to another
// request: as many as there are that sent parts at once.
const strayAnswers = partsAtOnce

// isOfAnother recognises what is worth asking again, on another connection:
// what a server refused with 400 as it closed the connection, where there is
// no body to send again (put does that itself). An upload that was broken off
// leaves a server with bytes that it takes for a request (versitygw 1.8.0);
// its complaint about these arrives as the answer to the request that comes
// next.
func isOfAnother(r *http.Request, res *http.Response) bool {
	return res.StatusCode == http.StatusBadRequest && res.Close && (r.Body == nil || r.Body == http.NoBody)
}

// genuine reports whether a success is one: a network that wants a log-in and
// a proxy that leads elsewhere say 200 too. A store acknowledges bytes with
// an ETag, and speaks XML besides.
func genuine(r *http.Request, res *http.Response) bool {
	if res.StatusCode/100 != 2 || res.Header.Get("ETag") != "" {
		return true
	}
	content := r.Method == http.MethodPut && r.ContentLength > 0 && (r.URL.RawQuery == "" || r.URL.Query().Has("partNumber"))
	return !content && !strings.HasPrefix(res.Header.Get("Content-Type"), "text/")
}

// wait does as Retry-After says, within patience, before the answer is
// handed on to who will try again.
func (u understood) wait(ctx context.Context, res *http.Response) {
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds <= 0 || res.StatusCode < 400 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, min(time.Duration(seconds)*time.Second, u.patience))
	defer cancel()
	<-ctx.Done()
}
