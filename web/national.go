package web

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"sohoa"
	"sohoa/ingest"
)

// Bounds of a look-up.
const (
	maxNationalRunes = 300 // of one of its texts
	maxNationalKinds = 100 // results that it names
)

// NationalRequest is a look-up in the form of the national store: who owns
// what is looked for, who asks, and for which procedure. MaHoSo and
// MaThanhPhanHoSo are ours: the dossier and the paper at hand.
type NationalRequest struct {
	Owner         string         `json:"SoDinhDanhChuSoHuu" doc:"Identity number of the owner: 9 to 20 digits, as in the dossier."`
	Requester     string         `json:"HoTenNguoiYeuCau"`
	RequesterID   string         `json:"SoDinhDanhNguoiYeuCau"`
	Channel       string         `json:"KenhThucHien"`
	Procedure     string         `json:"MaThuTuc" doc:"That of the dossier."`
	Kinds         []NationalKind `json:"DanhSachDanhMucKetQua" doc:"What is looked for; none: all that satisfies the paper at hand."`
	Dossier       string         `json:"MaHoSo" doc:"Ours: the dossier at hand."`
	PaperAsked    string         `json:"MaThanhPhanHoSo" doc:"Ours: the paper that its procedure asks for."`
	requesterMask string
}

// NationalKind is a kind of result, or one result of it.
type NationalKind struct {
	Kind   string `json:"MaKetQua" doc:"Code of the kind; empty: any."`
	Number string `json:"SoKyHieu" doc:"Number and notation; empty: any."`
}

// parseNational reads a look-up, or says as "national.request" where it is
// wrong. Members that it does not know count for nothing.
func parseNational(b []byte) (NationalRequest, error) {
	var r NationalRequest
	wrong := func(at string) (NationalRequest, error) {
		return NationalRequest{}, newProblem(sohoa.ErrInvalid, "national.request", at)
	}
	if !utf8.Valid(b) || json.Unmarshal(b, &r) != nil {
		return wrong("JSON")
	}
	for _, f := range []struct {
		name  string
		value *string
		must  bool
	}{
		{"SoDinhDanhChuSoHuu", &r.Owner, true}, {"HoTenNguoiYeuCau", &r.Requester, true}, {"SoDinhDanhNguoiYeuCau", &r.RequesterID, true},
		{"KenhThucHien", &r.Channel, true}, {"MaThuTuc", &r.Procedure, true}, {"MaHoSo", &r.Dossier, true}, {"MaThanhPhanHoSo", &r.PaperAsked, true},
	} {
		*f.value = clean(*f.value)
		if f.must && *f.value == "" || utf8.RuneCountInString(*f.value) > maxNationalRunes || strings.ContainsRune(*f.value, 0) {
			return wrong(f.name)
		}
	}
	if !identityNumber.MatchString(r.Owner) || len(r.Owner) < 9 {
		return wrong("SoDinhDanhChuSoHuu")
	}
	if len(r.Kinds) > maxNationalKinds {
		return wrong("DanhSachDanhMucKetQua")
	}
	for i := range r.Kinds {
		k := &r.Kinds[i]
		k.Kind, k.Number = clean(k.Kind), clean(k.Number)
		if utf8.RuneCountInString(k.Kind) > maxNationalRunes || utf8.RuneCountInString(k.Number) > maxNationalRunes {
			return wrong("DanhSachDanhMucKetQua")
		}
	}
	r.requesterMask = maskNumber(r.RequesterID)
	return r, nil
}

// maskNumber leaves the first and the last three characters of an identity
// number, as search.Privacy does, and nothing of a short one.
func maskNumber(s string) string {
	r := []rune(s)
	if len(r) < 9 {
		return strings.Repeat("•", len(r))
	}
	return string(r[:3]) + "•••••••" + string(r[len(r)-3:])
}

// asked reports whether a look-up wants a paper.
func (r NationalRequest) asked(p paper) bool {
	for _, k := range r.Kinds {
		if (k.Kind == "" || k.Kind == p.kind || k.Kind == p.result) && (k.Number == "" || strings.EqualFold(k.Number, p.number)) {
			return true
		}
	}
	return len(r.Kinds) == 0
}

// NationalAnswer answers a look-up.
type NationalAnswer struct {
	ErrorCode string          `json:"errorCode" doc:"0, or the code of what is wrong."`
	Message   string          `json:"message" doc:"The same for people."`
	Signature string          `json:"signature" doc:"Of result: JWS with detached content, EdDSA, by a key of /api/v1/national/keys. Empty with an error."`
	Result    *NationalResult `json:"result" doc:"null with an error."`
}

// NationalResult is what is held. Its members are in the order of RFC 8785, so
// that the bytes that are signed are those of its canonical form.
type NationalResult struct {
	Papers []NationalHeld `json:"DanhSachGiayToKetQua"`
}

// NationalHeld is a result that is held.
type NationalHeld struct {
	Issuer   string             `json:"CoQuanChuQuan"`
	Files    []NationalFile     `json:"DanhSachTepDinhKem"`
	Kind     string             `json:"MaKetQua"`
	Result   string             `json:"MaKetQuaThayThe" doc:"Ours: code of this result."`
	Document sohoa.DocumentID   `json:"MaTaiLieu" doc:"Ours: with it the result is accepted or declined."`
	Number   string             `json:"SoKyHieu"`
	Name     string             `json:"TenGiayTo"`
	Verdict  sohoa.ReuseOutcome `json:"TinhTrangDieuKien" enum:"pass,confirm" doc:"Ours: confirm where somebody has to confirm what the rules leave open."`
}

// NationalFile is a file of it.
type NationalFile struct {
	URL  string `json:"DuongDan" doc:"A link that is good for some minutes; a secret."`
	Name string `json:"TenTep"`
}

// canonical writes v as the API does, which for NationalResult is the form of
// RFC 8785.
func canonical(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func newSecret() []byte {
	b := make([]byte, ed25519.SeedSize)
	rand.Read(b) // never fails since Go 1.24
	return b
}

// resultKey is the key that signs results.
func (s *Server) resultKey(ctx context.Context) (ed25519.PrivateKey, string, error) {
	seed, err := s.secret(ctx, "results")
	if err != nil {
		return nil, "", err
	}
	key := ed25519.NewKeyFromSeed(seed)
	public := key.Public().(ed25519.PublicKey)
	return key, keyID(public), nil
}

// keyID is the thumbprint of a public key (RFC 8037, appendix A.3).
func keyID(public ed25519.PublicKey) string {
	d := sohoa.Sum([]byte(`{"crv":"Ed25519","kty":"OKP","x":"` + base64.RawURLEncoding.EncodeToString(public) + `"}`))
	return base64.RawURLEncoding.EncodeToString(d[:])
}

// sign makes the signature of a result: a JWS in compact form without its
// content (RFC 7515, appendix F), Ed25519 (RFC 8037). The header has the time
// and the dossier, so that a result cannot be passed off as another's.
func (s *Server) signResult(ctx context.Context, dossier string, r *NationalResult) (string, error) {
	key, id, err := s.resultKey(ctx)
	if err != nil {
		return "", err
	}
	content, err := canonical(r)
	if err != nil {
		return "", err
	}
	header, err := json.Marshal(map[string]any{"alg": "EdDSA", "kid": id, "iat": s.cfg.Now().Unix(), "sub": dossier})
	if err != nil {
		return "", err
	}
	head := base64.RawURLEncoding.EncodeToString(header)
	signed := head + "." + base64.RawURLEncoding.EncodeToString(content)
	return head + ".." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(signed))), nil
}

// paper is a held result as it is described to others.
type paper struct {
	kind, result, name, number, issued, issuer string
}

// paperOf describes an offer; names are those of kinds.
func paperOf(o ingest.Offer, names map[string]string) paper {
	d := o.Document
	p := paper{kind: d.Life.Type, result: d.Life.Result, name: names[d.Life.Type], issued: textOf(d, sohoa.FieldIssuedDate),
		issuer: textOf(d, sohoa.FieldOrganName)}
	if p.name == "" {
		p.name = textOf(d, sohoa.FieldTypeName)
	}
	if p.name == "" {
		p.name = clean(d.Name)
	}
	if p.issuer == "" {
		p.issuer = clean(o.Agency.Name)
	}
	p.number = strings.Trim(textOf(d, sohoa.FieldCodeNumber)+"/"+textOf(d, sohoa.FieldCodeNotation), "/")
	return p
}

func textOf(d sohoa.Document, name string) string {
	for _, f := range d.Fields {
		if f.Name == name {
			return clean(f.Value)
		}
	}
	return ""
}

// kindNames are the names of kinds of paper in the retention schedule.
func (s *Server) kindNames(ctx context.Context) (map[string]string, error) {
	schedule, err := s.cfg.Catalog.Schedule(ctx)
	names := map[string]string{}
	for _, r := range schedule.Rules {
		names[r.Type] = r.Name
	}
	return names, err
}
