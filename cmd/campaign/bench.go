package main

import (
	"context"
	"errors"
)

func bench(ctx context.Context, o options, dir string) error { return errors.New("bench: later") }
