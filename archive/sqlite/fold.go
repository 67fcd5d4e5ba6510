package sqlite

import (
	"database/sql/driver"
	"fmt"

	"modernc.org/sqlite"

	"sohoa/archive"
)

// fold is archive.Fold as a function in SQL.
func init() {
	sqlite.MustRegisterDeterministicScalarFunction("fold", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		s, ok := args[0].(string)
		if !ok {
			return nil, fmt.Errorf("fold of %T", args[0])
		}
		return archive.Fold(s), nil
	})
}
