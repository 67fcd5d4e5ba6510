package signing

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"sohoa"
	"sohoa/signing/evidence"
	"sohoa/signing/revision"
)

// maxStored bounds the certificates, OCSP answers and lists of one store, each.
const maxStored = 300

// securityStore is the document security store (ISO 32000-2, 12.8.4.3). What
// is in it stays, entries by signature (VRI) too; none are added, since later
// evidence could not go there (EN 319 142-1, 5.4.2.2).
type securityStore struct {
	form *form
	dict *revision.Dict // nil without one
	have evidence.Set
}

// readStore reads the store of a document.
func readStore(fm *form) (*securityStore, error) {
	s := &securityStore{form: fm}
	var err error
	if s.dict, err = fm.file.Dict(fm.catalog.Get("DSS")); err != nil || s.dict == nil {
		return s, err
	}
	for key, list := range s.lists(&s.have) {
		if *list, err = s.streams(key); err != nil {
			return nil, fmt.Errorf("document security store: %s: %w", key, err)
		}
	}
	return s, nil
}

// lists are the parts of set by the keys they have in a store.
func (s *securityStore) lists(set *evidence.Set) map[revision.Name]*[][]byte {
	return map[revision.Name]*[][]byte{"Certs": &set.Certificates, "OCSPs": &set.OCSPs, "CRLs": &set.CRLs}
}

// streams reads the streams under key. Those that cannot be read are of no use
// to anybody, and are left where they are.
func (s *securityStore) streams(key revision.Name) ([][]byte, error) {
	list, err := s.form.file.Array(s.dict.Get(key))
	if err != nil {
		return nil, err
	}
	if len(list) > maxStored {
		return nil, problem(sohoa.ErrTooLarge, "sign.evidence-full")
	}
	var out [][]byte
	for _, o := range list {
		o, err := s.form.file.Resolve(o)
		stream, ok := o.(*revision.Stream)
		if err != nil || !ok {
			continue
		}
		b, err := s.form.file.Content(stream)
		if errors.Is(err, revision.ErrDamaged) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// append returns the revision that adds to the store what it lacks of set, nil
// if that is nothing.
func (s *securityStore) append(set *evidence.Set) ([]byte, error) {
	u := s.form.file.NewUpdate()
	dict := revision.NewDict("Type", revision.Name("DSS"))
	if s.dict != nil {
		dict = s.dict.Clone()
	}
	sum := sha256.New()
	fmt.Fprint(sum, s.form.file.Size())
	have, more := s.lists(&s.have), s.lists(set)
	grown := false
	for _, key := range []revision.Name{"Certs", "OCSPs", "CRLs"} {
		var refs []revision.Object
		for _, der := range *more[key] {
			if !slices.ContainsFunc(*have[key], func(h []byte) bool { return bytes.Equal(h, der) }) {
				refs = append(refs, u.Add(compress(revision.NewDict(), der)))
				sum.Write(der)
			}
		}
		if len(refs) == 0 {
			continue
		}
		grown = true
		if err := s.extend(u, dict, key, refs); err != nil {
			return nil, err
		}
	}
	if !grown {
		return nil, nil
	}
	if err := s.hang(u, dict); err != nil {
		return nil, err
	}
	return u.Bytes(sum.Sum(nil)[:16])
}

// extend appends refs to the list under key.
func (s *securityStore) extend(u *revision.Update, dict *revision.Dict, key revision.Name, refs []revision.Object) error {
	old, err := s.form.file.Array(dict.Get(key))
	if err != nil {
		return err
	}
	if len(old)+len(refs) > maxStored {
		return problem(sohoa.ErrTooLarge, "sign.evidence-full")
	}
	list, err := u.AppendTo(dict.Get(key), refs...)
	dict.Set(key, list)
	return err
}

// hang puts the store into the catalogue, and says there that the document
// uses it, as files before PDF 2.0 must (EN 319 142-1, 5.6).
func (s *securityStore) hang(u *revision.Update, dict *revision.Dict) error {
	fm := s.form
	catalog := fm.catalog.Clone()
	if ref, ok := catalog.Get("DSS").(revision.Ref); ok {
		u.Set(ref, dict)
	} else {
		catalog.Set("DSS", u.Add(dict))
	}
	extensions, err := fm.file.Dict(catalog.Get("Extensions"))
	if err != nil {
		return err
	}
	if extensions.Get("ESIC") == nil {
		if extensions == nil {
			extensions = revision.NewDict()
		}
		extensions = extensions.Clone()
		extensions.Set("ESIC", revision.NewDict("BaseVersion", revision.Name("1.7"), "ExtensionLevel", revision.Int(1)))
		catalog.Set("Extensions", extensions)
	}
	u.Set(fm.catalogRef, catalog)
	return nil
}
