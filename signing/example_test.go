package signing_test

import (
	"bytes"
	"context"
	"fmt"

	"sohoa/signing"
	"sohoa/signing/testca"
)

// A signature in two phases: what Prepare returns may wait in a database
// until a token has answered.
func Example() {
	ctx := context.Background()
	ca, err := testca.New(nil)
	if err != nil {
		panic(err)
	}
	id, err := ca.Agency("Trung tâm Phục vụ hành chính công", testca.WithKey(testca.P256))
	if err != nil {
		panic(err)
	}
	key := &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain}
	pdf := plain{}.table()

	p, err := signing.Prepare(ctx, bytes.NewReader(pdf), int64(len(pdf)), key.Certificates(), signing.Request{Reason: "Sao y"})
	if err != nil {
		panic(err)
	}
	value, err := key.Sign(ctx, p) // or a token, which signs p.Digest()
	if err != nil {
		panic(err)
	}
	c, err := signing.Complete(ctx, p, value, nil)
	if err != nil {
		panic(err)
	}
	var out bytes.Buffer
	if err := c.Write(ctx, &out, bytes.NewReader(pdf)); err != nil {
		panic(err)
	}
	fmt.Println(c.Level, c.Field, int64(out.Len()) == c.Size)
	// Output: B-B Signature1 true
}
