// Package toolsim is the state's token tool (VGCA) for tests and
// demonstrations: the program on an official's machine that a page hands a
// JSON of parameters to. It downloads the PDF by its address, signs it whole,
// uploads it, and answers with the JSON that the page's callback gets. It knows
// nothing of a server but the addresses.
//
// Names of parameters and callback are the tool's, as public integrations show
// them. What the tool was not seen to do is chosen here: the session goes along
// as the cookie ASP.NET_SessionId, the token as a bearer token, each MetaData
// pair, DocNumber and FileID as fields of the upload; a batch answers with one
// status for each of Files.
package toolsim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path"

	"sohoa"
	"sohoa/signing"
)

// Parameters are what a page asks the tool with.
type Parameters struct {
	FileUploadHandler string `json:"FileUploadHandler"` // where the signed file goes
	SessionID         string `json:"SessionId"`
	JWTToken          string `json:"JWTToken"`
	FileName          string `json:"FileName"` // where the PDF is
	DocNumber         string `json:"DocNumber"`
	IssuedDate        string `json:"IssuedDate"`
	MetaData          []Pair `json:"MetaData"`
	Files             []File `json:"Files"` // a batch, in place of FileName
}

// Pair is a parameter that goes along with the upload.
type Pair struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// File is one of a batch.
type File struct {
	FileID   string `json:"FileID"`
	FileName string `json:"FileName"`
	URL      string `json:"URL"`
}

// Statuses of a callback. That 0 is success is the tool's; the others are ours.
const (
	StatusDone       = 0
	StatusParameters = 1
	StatusDownload   = 2
	StatusSign       = 3
	StatusUpload     = 4 // the server cannot be reached, or does not take the file
)

// Callback is what the page is told.
type Callback struct {
	Status         int        `json:"Status"`
	Message        string     `json:"Message"`
	FileName       string     `json:"FileName"`
	FileServer     string     `json:"FileServer"` // where the server says that the signed file is
	DocumentNumber string     `json:"DocumentNumber,omitempty"`
	DocumentDate   string     `json:"DocumentDate,omitempty"`
	Files          []Callback `json:"Files,omitempty"` // of a batch
	FileID         string     `json:"FileID,omitempty"`
}

// Upload is what a server answers to an upload.
type Upload struct {
	Status     bool   `json:"Status"`
	Message    string `json:"Message"`
	FileName   string `json:"FileName"`
	FileServer string `json:"FileServer"`
}

// Tool is the program with a token in it. It is safe for concurrent use unless
// Alter is not.
type Tool struct {
	Key    *signing.Key // in the token
	Client *http.Client // nil is http.DefaultClient

	// Alter, if not nil, makes the file that is uploaded in place of signed: a
	// tool that is broken, or no tool at all.
	Alter func(sent, signed []byte) []byte
}

// Sign is vgca_sign_approved, vgca_sign_issued and, for Files,
// vgca_sign_files: it takes Parameters and returns a Callback, both JSON.
func (t *Tool) Sign(ctx context.Context, parameters []byte) []byte {
	var p Parameters
	var answer Callback
	if err := json.Unmarshal(parameters, &p); err != nil {
		answer = Callback{Status: StatusParameters, Message: err.Error()}
	} else if len(p.Files) > 0 {
		answer = t.batch(ctx, p)
	} else {
		answer = t.one(ctx, p, File{URL: p.FileName, FileName: path.Base(p.FileName)})
	}
	b, _ := json.Marshal(answer) // strings and numbers cannot fail
	return b
}

// batch signs file after file; the first failure is the status of all.
func (t *Tool) batch(ctx context.Context, p Parameters) Callback {
	all := Callback{}
	for _, f := range p.Files {
		c := t.one(ctx, p, f)
		c.FileID = f.FileID
		all.Files = append(all.Files, c)
		if all.Status == StatusDone {
			all.Status, all.Message = c.Status, c.Message
		}
	}
	return all
}

// one signs one file.
func (t *Tool) one(ctx context.Context, p Parameters, f File) Callback {
	failed := func(status int, err error) Callback {
		return Callback{Status: status, Message: err.Error(), FileName: f.FileName}
	}
	sent, err := t.download(ctx, p, f.URL)
	if err != nil {
		return failed(StatusDownload, err)
	}
	signed, err := sign(ctx, sent, t.Key)
	if err != nil {
		return failed(StatusSign, err)
	}
	if t.Alter != nil {
		signed = t.Alter(sent, signed)
	}
	answer, err := t.upload(ctx, p, f, signed)
	if err != nil {
		return failed(StatusUpload, err)
	}
	return Callback{Message: answer.Message, FileName: answer.FileName, FileServer: answer.FileServer,
		DocumentNumber: p.DocNumber, DocumentDate: p.IssuedDate}
}

// download fetches a PDF.
func (t *Tool) download(ctx context.Context, p Parameters, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return t.do(r, p, sohoa.MaxVerifyBytes)
}

// upload gives the signed file back, as multipart/form-data in uploadfile.
func (t *Tool) upload(ctx context.Context, p Parameters, f File, signed []byte) (Upload, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields := append([]Pair{{"DocNumber", p.DocNumber}, {"FileID", f.FileID}}, p.MetaData...)
	for _, m := range fields {
		if m.Value != "" {
			form.WriteField(m.Key, m.Value) // a buffer cannot fail
		}
	}
	part, err := form.CreateFormFile("uploadfile", f.FileName)
	if err != nil {
		return Upload{}, err
	}
	part.Write(signed)
	form.Close()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.FileUploadHandler, &body)
	if err != nil {
		return Upload{}, err
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	got, err := t.do(r, p, 1<<20)
	if err != nil {
		return Upload{}, err
	}
	var answer Upload
	if err := json.Unmarshal(got, &answer); err != nil {
		return Upload{}, fmt.Errorf("answer to the upload: %w", err)
	}
	if !answer.Status {
		return Upload{}, errors.New(answer.Message)
	}
	return answer, nil
}

// do sends r with the session, and reads the answer up to limit bytes.
func (t *Tool) do(r *http.Request, p Parameters, limit int64) ([]byte, error) {
	if p.SessionID != "" {
		r.AddCookie(&http.Cookie{Name: "ASP.NET_SessionId", Value: p.SessionID})
	}
	if p.JWTToken != "" {
		r.Header.Set("Authorization", "Bearer "+p.JWTToken)
	}
	client := t.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: status %s", r.Method, r.URL, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, limit))
}
