package main

import (
	"context"
	"errors"
	"time"

	"sohoa"
)

// A command that needs the lock tries again after lockPause, for lockPatience
// at most: others may have it for a moment.
const (
	lockPause    = 100 * time.Millisecond
	lockPatience = 3 * time.Second
)

// patiently calls try until it does not want to be called again.
func (a *app) patiently(ctx context.Context, try func() (again bool, err error)) error {
	for deadline := time.Now().Add(lockPatience); ; {
		again, err := try()
		if !again || ctx.Err() != nil {
			return err
		}
		if time.Now().After(deadline) {
			return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "data.busy", Args: []string{a.set.Data}}
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
		}
	}
}

// hereOrThere does what needs the lock here, or asks the process that has it.
// One that does not answer is starting, ending or has it for a moment only.
func (a *app) hereOrThere(ctx context.Context, here, there func() error) error {
	return a.patiently(ctx, func() (again bool, err error) {
		release, ok, err := a.hold()
		if err != nil {
			return false, err
		}
		if !ok {
			err = there()
			return errors.Is(err, errNoAnswer), err
		}
		defer release()
		return false, here()
	})
}
