package web

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sohoa"
)

// apiPrefix leads the paths of the API. The number changes when callers must.
const apiPrefix = "/api/v1"

// signedIn is the security requirement of operations that need a session.
var signedIn = []map[string][]string{{"session": {}}}

// registerAPI adds the operations and /openapi.json to mux.
func (s *Server) registerAPI(mux *http.ServeMux) {
	version := s.cfg.Version
	if version == "" {
		version = "0"
	}
	cfg := huma.DefaultConfig("sohoa", version)
	cfg.Info.Description = "Digitises papers, keeps them, and finds them again. Problems are answered as RFC 9457 " +
		"in the language of the reader (cookie or query parameter lang: vi, en)."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/openapi", "", ""
	cfg.CreateHooks = nil // no $schema members: answers are the same as in the archive
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: s.cookieName("session"), Description: "The cookie set by signing in."},
		"key":     {Type: "http", Scheme: "bearer", Description: "An API key: sohoa_..., with the scope that the operation names."},
	}
	cfg.OnAddOperation = append(cfg.OnAddOperation, describeKeys)
	api := humago.New(mux, cfg)
	api.UseMiddleware(s.requireSession(api))
	s.registerDossiers(api)
	s.registerDocuments(api)
	s.registerArrange(api)
	s.registerFields(api)
	s.registerLife(api)
	s.registerDisposal(api)
	s.registerUpload(api)
	s.registerFiles(api)
	s.registerExport(api)
	s.registerSearch(api)
	s.registerVerify(api)
	s.registerLookup(api)
	s.registerSets(api)
	s.registerSignatures(api)
	s.registerEvents(api)
	s.registerPutDossier(api)
	s.registerReuse(api)
	s.registerPapers(api)
	s.registerFigures(api)
	s.registerNational(api)
	s.registerLinks(api)
	s.registerWebhooks(api)
	s.registerHealth(api)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, newProblem(sohoa.ErrNotExist, "path.unknown"))
	})
}

// requireSession refuses operations that need a session to those without, and
// to programs what is not in the scope of their key.
func (s *Server) requireSession(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if err := s.permitted(ctx); err != nil {
			_ = huma.WriteErr(api, ctx, http.StatusInternalServerError, "", err)
			return
		}
		next(ctx)
	}
}

// operation describes an operation that needs a session.
func operation(id, method, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: apiPrefix + path, Summary: summary, Security: signedIn}
}

// stream describes an operation whose answer is not JSON.
func stream(op huma.Operation, mediaType, description string) huma.Operation {
	schema := &huma.Schema{Type: huma.TypeString}
	if mediaType == anyMediaType {
		schema.Format = "binary"
	}
	op.Responses = map[string]*huma.Response{
		"200": {Description: description, Content: map[string]*huma.MediaType{mediaType: {Schema: schema}}},
	}
	return op
}

// upload describes an operation that takes raw bytes.
func upload(op huma.Operation, mediaType, description string) huma.Operation {
	op.RequestBody = &huma.RequestBody{Required: true, Description: description,
		Content: map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	return op
}

// anyMediaType stands for bytes of whatever kind.
const anyMediaType = "application/octet-stream"

// rawRequest gives a handler the request and the connection it came on, for
// bodies that are streamed. Inputs embed it.
type rawRequest struct {
	request *http.Request
	writer  http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (r *rawRequest) Resolve(ctx huma.Context) []error {
	r.request, r.writer = humago.Unwrap(ctx)
	return nil
}

// typeOf is a type, for schemas.
func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
