package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/archive"
)

// roleProgram is the role of a program. It is none that a user can have, and
// nothing is permitted to it but the operations of keyOperations.
const roleProgram sohoa.UserRole = "program"

// forHeader names the user of the program, for the journal.
const forHeader = "Sohoa-User"

// maxForRunes bounds it.
const maxForRunes = 100

// keyOperations are the operations that an API key may call, with the scope
// that it takes. A key may call no other, not even those that take no
// session.
var keyOperations = map[string]sohoa.KeyScope{
	"national-held":   sohoa.KeyLookUp,
	"list-held":       sohoa.KeyLookUp,
	"put-dossier":     sohoa.KeyReuse,
	"get-dossier":     sohoa.KeyReuse,
	"list-papers":     sohoa.KeyReuse,
	"list-reuses":     sohoa.KeyReuse,
	"get-reuse":       sohoa.KeyReuse,
	"accept-reuse":    sohoa.KeyReuse,
	"decline-reuse":   sohoa.KeyReuse,
	"end-reuse":       sohoa.KeyReuse,
	"see-loss":        sohoa.KeyReuse,
	"reuse-figures":   sohoa.KeyReuse,
	"search":          sohoa.KeySearch,
	"post-search":     sohoa.KeySearch,
	"list-webhooks":   sohoa.KeyWebhook,
	"list-deliveries": sohoa.KeyWebhook,
	"retry-webhook":   sohoa.KeyWebhook,
}

// describeKeys adds what a key may call to the description of an operation.
func describeKeys(_ *huma.OpenAPI, op *huma.Operation) {
	if scope, ok := keyOperations[op.OperationID]; ok {
		op.Security = append(append([]map[string][]string{}, op.Security...), map[string][]string{"key": {string(scope)}})
		op.Parameters = append(op.Parameters, &huma.Param{Name: forHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: ptr(maxForRunes)},
			Description: "With a key: the user of the program, for the journal."})
	}
}

func ptr[T any](v T) *T { return &v }

// keyOf is the key that a request came with; nil is none.
func keyOf(ctx context.Context) *sohoa.APIKey { return visitOf(ctx).key }

// byKey takes requests with an API key out of those of people: they have no
// session, and a session that they bring along counts for nothing. All others
// go to people.
func (s *Server) byKey(programs, people http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret, ok := bearer(r)
		if !ok {
			people.ServeHTTP(w, r)
			return
		}
		k, err := s.keyBy(r, secret)
		if err == nil {
			err = s.admit(r, k)
		}
		if err != nil {
			if statusOf(err) == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer realm="sohoa"`)
			}
			s.fail(w, r, err)
			return
		}
		ctx, err := s.sessions.Load(r.Context(), "") // an empty one, never kept
		if err != nil {
			s.fail(w, r, err)
			return
		}
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, sohoa.MaxRequestBytes)
		programs.ServeHTTP(w, r)
	})
}

// bearer is the token of a request that has one. Only ours count: what a
// proxy adds for itself is for people.
func bearer(r *http.Request) (string, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && strings.HasPrefix(token, sohoa.KeyPrefix)
}

// keyBy finds the key of a secret, if it is good now and from there. Neither
// the answer nor its time tells a secret that was never one from one that is
// good no more.
func (s *Server) keyBy(r *http.Request, secret string) (sohoa.APIKey, error) {
	ctx := r.Context()
	refused := newProblem(sohoa.ErrForbidden, "key.refused")
	if s.keyFails.full(visitOf(ctx).addr) {
		return sohoa.APIKey{}, newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	hash, _ := sohoa.HashKeySecret(secret) // of what is no secret there is no key
	k, err := s.cfg.Catalog.KeyByHash(ctx, hash)
	if errors.Is(err, sohoa.ErrNotExist) {
		s.keyFails.take(visitOf(ctx).addr)
		return k, errors.Join(refused, s.journalFailure(ctx, "", "key", false))
	}
	if err != nil {
		return k, err
	}
	from, _ := netip.ParseAddr(remote(r, s.cfg.TrustedProxies))
	if err := k.Usable(s.cfg.Now(), from); err != nil {
		s.keyFails.take(visitOf(ctx).addr)
		return k, errors.Join(refused, s.journalKeyFailure(ctx, k, err))
	}
	return k, nil
}

// journalKeyFailure notes that a key was used that is good no more, or from
// elsewhere; repeated, it is one entry for a while.
func (s *Server) journalKeyFailure(ctx context.Context, k sohoa.APIKey, why error) error {
	detail, err := json.Marshal(map[string]string{"address": visitOf(ctx).addr, "why": sohoa.AsProblem(why).Detail})
	if err != nil {
		return err
	}
	seen := "key\x00" + k.Name + "\x00" + string(detail)
	if s.seen.has(seen) {
		return nil
	}
	err = s.journal(ctx, sohoa.Entry{Actor: k.Actor(), Action: sohoa.ActionSignFail, Detail: string(detail)})
	if err == nil {
		s.seen.add(seen)
	}
	return err
}

// admit makes the request one of the key, within its rate.
func (s *Server) admit(r *http.Request, k sohoa.APIKey) error {
	ctx, v := r.Context(), visitOf(r.Context())
	if !s.keyCalls.takeOf(k.Name, max(k.Rate/4, 5), time.Minute/time.Duration(max(k.Rate, 1))) {
		return newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	who := strings.TrimSpace(r.Header.Get(forHeader))
	if utf8.RuneCountInString(who) > maxForRunes || !utf8.ValidString(who) || strings.ContainsFunc(who, unicode.IsControl) {
		return newProblem(sohoa.ErrInvalid, "key.user", strconv.Itoa(maxForRunes))
	}
	v.key, v.whom = &k, who
	v.user = &sohoa.User{Name: k.Actor(), FullName: k.Name, Roles: []sohoa.UserRole{roleProgram}, Agency: k.Agencies[0], Ready: true}
	if s.cfg.Now().Sub(k.LastUse) < sohoa.KeyUseEvery {
		return nil
	}
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.UseAPIKey(k.Name, s.cfg.Now().UTC()) })
}

// permitted refuses an operation to who may not call it.
func (s *Server) permitted(hc huma.Context) error {
	ctx, op := hc.Context(), hc.Operation()
	k := keyOf(ctx)
	if k == nil {
		if len(op.Security) == 0 && visitOf(ctx).user == nil {
			return nil
		}
		return s.authorise(ctx, operationPowers[op.OperationID])
	}
	scope, ok := keyOperations[op.OperationID]
	if !ok || !k.May(scope) {
		return newProblem(sohoa.ErrForbidden, "key.scope")
	}
	return s.authorise(ctx, anybodyIn)
}

// onlyAPI refuses programs what is not the API.
func (s *Server) onlyAPI(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, apiPrefix+"/") {
			s.fail(w, r, newProblem(sohoa.ErrForbidden, "key.scope"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// withWhom adds the user of the program to the detail of an entry.
func withWhom(ctx context.Context, detail string) string {
	whom := visitOf(ctx).whom
	if whom == "" {
		return detail
	}
	all := map[string]json.RawMessage{}
	if detail != "" && json.Unmarshal([]byte(detail), &all) != nil {
		return detail
	}
	name, err := json.Marshal(whom)
	if err != nil {
		return detail
	}
	all["for"] = name
	b, err := json.Marshal(all)
	if err != nil {
		return detail
	}
	return string(b)
}
