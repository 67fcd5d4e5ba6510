package testca

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault is a way in which an authority misbehaves.
type Fault string

// The faults of whatever is asked.
const (
	FaultNone      Fault = ""
	FaultSlow      Fault = "slow"       // the right answer, after a while
	FaultHang      Fault = "hang"       // no answer until the client gives up
	FaultStatus    Fault = "status 500" // an HTTP error
	FaultRedirect  Fault = "redirect"   // to another server
	FaultOversized Fault = "oversized"  // megabytes of zeros
	FaultGarbage   Fault = "garbage"    // an HTML page with status 200
	FaultRejected  Fault = "rejected"   // a refusal as the protocol has it
	FaultTampered  Fault = "tampered"   // one bit of the signature is wrong
	FaultNonce     Fault = "wrong nonce"
	FaultNoNonce   Fault = "no nonce"
)

// The faults of timestamps.
const (
	FaultImprint   Fault = "wrong imprint" // a good token over another digest
	FaultUntrusted Fault = "untrusted"     // by a unit of an unknown authority
	FaultUsage     Fault = "wrong usage"   // by a unit whose certificate is not for timestamps
	FaultLapsed    Fault = "lapsed"        // by a unit whose certificate ended yesterday
	FaultVague     Fault = "vague"         // accurate to an hour
)

// The faults of OCSP answers and revocation lists.
const (
	FaultIssuer  Fault = "wrong issuer" // signed by an unknown authority
	FaultSerial  Fault = "wrong serial" // an OCSP answer about another certificate
	FaultExpired Fault = "expired"      // current until yesterday
	FaultEarly   Fault = "early"        // current, but an hour old
	FaultFuture  Fault = "future"       // current from tomorrow
	FaultUnfit   Fault = "unfit"        // an OCSP answer by a certificate that is not for it
)

// faults are all of them.
var faults = []Fault{
	FaultSlow, FaultHang, FaultStatus, FaultRedirect, FaultOversized, FaultGarbage, FaultRejected, FaultTampered, FaultNonce,
	FaultNoNonce, FaultImprint, FaultUntrusted, FaultUsage, FaultLapsed, FaultVague, FaultIssuer, FaultSerial, FaultExpired,
	FaultEarly, FaultFuture, FaultUnfit,
}

// Faults returns every fault, in no particular order.
func Faults() []Fault { return slices.Clone(faults) }

// Slug is the fault as it stands in an address, e.g. "wrong-nonce".
func (f Fault) Slug() string { return strings.ReplaceAll(string(f), " ", "-") }

// slowness is how long FaultSlow waits unless SetSlowness was called.
const slowness = 5 * time.Second

// SetSlowness sets how long FaultSlow waits. The state's timestamp authority
// takes 2 to 131 s.
func (a *Authority) SetSlowness(d time.Duration) { a.slow.Store(int64(d)) }

// misbehave does what a fault of any server asks for, and reports whether that
// was all.
func (a *Authority) misbehave(w http.ResponseWriter, r *http.Request, f Fault) bool {
	switch f {
	case FaultSlow:
		select {
		case <-time.After(time.Duration(a.slow.Load())):
		case <-r.Context().Done():
		}
		return false
	case FaultHang:
		io.Copy(io.Discard, r.Body) // a client that gives up is noticed only then
		<-r.Context().Done()
	case FaultStatus:
		http.Error(w, "out of order", http.StatusInternalServerError)
	case FaultRedirect:
		http.Redirect(w, r, "http://127.0.0.2:1/", http.StatusTemporaryRedirect)
	case FaultGarbage:
		io.WriteString(w, "<html>welcome to the captive portal</html>")
	case FaultOversized:
		w.Write(make([]byte, 16<<20))
	default:
		return false
	}
	return true
}
