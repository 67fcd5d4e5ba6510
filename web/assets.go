package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static
var staticFiles embed.FS

// assets are the files that pages refer to. Their addresses carry a hash of
// all of them, so that browsers keep them until a new version comes.
type assets struct {
	mark   string
	files  map[string][]byte // by path below static
	zipped map[string][]byte // the same, compressed
}

func loadAssets() (*assets, error) {
	a := &assets{files: map[string][]byte{}, zipped: map[string][]byte{}}
	h := sha256.New()
	err := fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		a.files[strings.TrimPrefix(name, "static/")] = b
		if a.zipped[strings.TrimPrefix(name, "static/")], err = zipped(b); err != nil {
			return err
		}
		h.Write([]byte(name))
		h.Write(b)
		return nil
	})
	a.mark = hex.EncodeToString(h.Sum(nil))[:12]
	return a, err
}

// zipped is a file as small as gzip makes it.
func zipped(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	err = z.Close()
	return out.Bytes(), err
}

// url is the address of a file.
func (a *assets) url(name string) string { return "/static/" + a.mark + "/" + name }

// mediaTypes of assets; not left to the machine's tables.
var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// ServeHTTP implements http.Handler.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/static/"), "/")
	b, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	mediaType := mediaTypes[path.Ext(name)]
	if mediaType == "" {
		mediaType = "text/plain; charset=utf-8"
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Vary", "Accept-Encoding")
	if takesGzip(r) {
		w.Header().Set("Content-Encoding", "gzip")
		b = a.zipped[name]
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}
