package validation_test

import (
	"bytes"
	"context"
	"fmt"

	"sohoa"
	"sohoa/signing/validation"
)

func ExampleValidate() {
	pdf := build(base) // without a signature
	report, err := validation.Validate(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), validation.Options{})
	if err != nil {
		fmt.Println(sohoa.AsProblem(err).Text(sohoa.English))
		return
	}
	fmt.Print(report.Text(sohoa.English))
	// Output: NO-SIGNATURE  The file carries no signature.
}
