package archive

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sohoa"
)

// EnterKey enters an API key with its journal entry. One of that name that is
// there is the Problem "key.exists" (sohoa.ErrConflict), or, with replace,
// good no more. Agencies are not looked at.
func EnterKey(ctx context.Context, c Catalog, actor string, k sohoa.APIKey, replace bool) error {
	if err := k.Check(); err != nil {
		return err
	}
	return c.Update(ctx, func(tx Tx) error {
		_, err := tx.APIKey(k.Name)
		if err == nil && !replace {
			return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "key.exists", Args: []string{k.Name}}
		}
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		if err := tx.PutAPIKey(k); err != nil {
			return err
		}
		return noteKey(tx, actor, map[string]any{"key": k.Name, "agencies": k.Agencies, "scopes": k.Scopes, "networks": k.Networks,
			"rate": k.Rate, "expires": k.Expires.Format(time.RFC3339), "replaced": err == nil})
	})
}

// RevokeKey makes an API key good no more. One that is revoked stays so.
func RevokeKey(ctx context.Context, c Catalog, actor, name string, now time.Time) error {
	return c.Update(ctx, func(tx Tx) error {
		k, err := tx.APIKey(name)
		if err != nil || !k.Revoked.IsZero() {
			return err
		}
		k.Revoked = now.UTC()
		if err := tx.PutAPIKey(k); err != nil {
			return err
		}
		return noteKey(tx, actor, map[string]any{"key": k.Name, "revoked": true})
	})
}

func noteKey(tx Tx, actor string, about map[string]any) error {
	b, err := json.Marshal(about)
	if err != nil {
		return err
	}
	_, err = tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionKey, Detail: string(b)})
	return err
}
