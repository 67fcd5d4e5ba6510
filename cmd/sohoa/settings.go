package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"sohoa"
	"sohoa/archive/s3"
	"sohoa/signing"
	"sohoa/web"
)

// settings are what every command can be told. Each comes from its flag, its
// SOHOA_ variable, or the file named by --config (default: sohoa.toml in the
// data folder), in that order. Empty settings just run.
type settings struct {
	Data     string     `default:"data" env:"SOHOA_DATA" help:"Folder that holds everything: catalogue, objects, index, keys."`
	Config   string     `name:"config" env:"SOHOA_CONFIG" placeholder:"FILE" help:"Settings file in TOML; default is sohoa.toml in the data folder."`
	Lang     sohoa.Lang `default:"vi" enum:"vi,en" env:"SOHOA_LANG" help:"Language of messages: vi or en."`
	LogLevel slog.Level `default:"WARN" env:"SOHOA_LOG_LEVEL" help:"DEBUG, INFO, WARN or ERROR."`
	Agency   string     `default:"H00.00" env:"SOHOA_AGENCY" help:"Code of this office; dossiers made by 'add' belong to it."`

	Hold              bool `env:"SOHOA_HOLD" help:"Files that are brought in are read, but not signed before a person releases them, so that their pages can be arranged."`
	ConfirmBeforeSign bool `env:"SOHOA_CONFIRM_BEFORE_SIGN" help:"Documents are signed and kept only after a person confirmed their fields."`

	Tessdata   string `env:"SOHOA_TESSDATA" placeholder:"DIR" help:"Folder of recognition models; default is the system's."`
	Languages  string `default:"vie" env:"SOHOA_LANGUAGES" help:"Recognition models, joined by +."`
	OcrWorkers int    `default:"0" env:"SOHOA_OCR_WORKERS" help:"Recognition processes; 0 is one per core."`

	Fidelity sohoa.Fidelity `default:"standard" enum:"none,small,standard,high" env:"SOHOA_FIDELITY" help:"How much of a scan's look the access copy keeps: small, standard or high; none makes no access copies."`
	Signs    sohoa.Role     `default:"pdf" enum:"pdf,access" env:"SOHOA_SIGNS" help:"Rendition of a scan that is signed: pdf, with the scanner's own images, or access, the small copy."`

	Database string `env:"SOHOA_DATABASE" secret:"" placeholder:"URL" help:"PostgreSQL database (postgres://user:password@host/name) that several machines share; none is SQLite in the data folder."`

	Store      string `default:"local" enum:"local,s3" env:"SOHOA_STORE" help:"Object store: local (in the data folder) or s3."`
	s3Settings `embed:""`

	SecondStore       string        `default:"none" enum:"none,local,s3" env:"SOHOA_SECOND_STORE" help:"Where everything that is kept is once more: none, local (second_dir) or s3. In another failure domain than the first: another disk, another bucket."`
	SecondDir         string        `env:"SOHOA_SECOND_DIR" placeholder:"DIR" help:"Folder of the second store; it must exist."`
	SecondS3Endpoint  string        `name:"second-s3-endpoint" env:"SOHOA_SECOND_S3_ENDPOINT" placeholder:"HOST:PORT" help:"S3 server of the second store."`
	SecondS3Region    string        `name:"second-s3-region" default:"us-east-1" env:"SOHOA_SECOND_S3_REGION" help:"Its region."`
	SecondS3Bucket    string        `name:"second-s3-bucket" env:"SOHOA_SECOND_S3_BUCKET" help:"Its bucket; it must exist."`
	SecondS3Prefix    string        `name:"second-s3-prefix" env:"SOHOA_SECOND_S3_PREFIX" help:"Put before every key in it."`
	SecondS3AccessKey string        `name:"second-s3-access-key" env:"SOHOA_SECOND_S3_ACCESS_KEY" help:"Its access key."`
	SecondS3SecretKey string        `name:"second-s3-secret-key" env:"SOHOA_SECOND_S3_SECRET_KEY" secret:"" help:"Its secret key; better in the environment than in a flag."`
	SecondS3Insecure  bool          `name:"second-s3-insecure" env:"SOHOA_SECOND_S3_INSECURE" help:"Plain HTTP instead of TLS."`
	SecondS3HostStyle bool          `name:"second-s3-host-style" env:"SOHOA_SECOND_S3_HOST_STYLE" help:"Bucket name in the host name instead of the path."`
	SecondWithin      time.Duration `default:"1h" env:"SOHOA_SECOND_WITHIN" help:"A version that is in one copy only for longer than this is shown as overdue."`

	FixityPeriod time.Duration `default:"2160h" env:"SOHOA_FIXITY_PERIOD" help:"Within this time everything in both copies is read again (90 days; the law asks for 3 years at most); 0 is never."`
	FixityRate   int64         `default:"20" env:"SOHOA_FIXITY_RATE" help:"MB a second that this reads of each copy at most; 0 is as fast as it goes."`
	EncryptKey   string        `env:"SOHOA_ENCRYPT_KEY" placeholder:"FILE|exec:COMMAND" help:"Key with which stored content is encrypted and read: a file of age identities, newest first ('sohoa key new'), or a command that prints one; none stores plain files."`
	EncryptTo    []string      `env:"SOHOA_ENCRYPT_TO" placeholder:"age1..." help:"Recipients who can read what is stored beside the key, as a recovery key in a safe."`
	Encrypt      string        `default:"on" enum:"on,off" env:"SOHOA_ENCRYPT" help:"What is stored from now on is encrypted, if there is a key: on or off. What was encrypted is read either way."`

	SignKey      string `env:"SOHOA_SIGN_KEY" placeholder:"FILE|pkcs11:..." help:"Key with which documents are signed: PKCS#12 file, or address of a key in a PKCS#11 token; none leaves them unsigned, and says so."`
	SignCert     string `env:"SOHOA_SIGN_CERT" placeholder:"FILE" help:"Certificate to use with the key in place of the one beside it, then those above it."`
	SignPassword string `env:"SOHOA_SIGN_PASSWORD" secret:"" help:"Password or PIN of the key; better in the environment than in a flag."`

	SignerKeys      []string      `env:"SOHOA_SIGNER_KEYS" placeholder:"USER=FILE|USER=pkcs11:...|USER=csc:..." help:"Keys of users: PKCS#12 file, address of a key in a PKCS#11 token (pkcs11:...) or at a remote service (csc:https://...). Each asks for its PIN when it is used."`
	SignerCerts     []string      `env:"SOHOA_SIGNER_CERTS" placeholder:"USER=FILE" help:"Certificates of users who sign on their own machine; without one the name in the certificate must be the user's."`
	SignerImages    []string      `env:"SOHOA_SIGNER_IMAGES" placeholder:"USER=FILE" help:"Pictures of users' signatures, as PNG."`
	SealImage       string        `env:"SOHOA_SEAL_IMAGE" placeholder:"FILE" help:"Picture of the agency's seal, as PNG."`
	CSCClientID     string        `name:"csc-client-id" env:"SOHOA_CSC_CLIENT_ID" placeholder:"ID" help:"OAuth 2.0 client at a remote signing service."`
	CSCClientSecret string        `name:"csc-client-secret" env:"SOHOA_CSC_CLIENT_SECRET" secret:"" help:"Its secret; better in the environment than in a flag."`
	SignTool        string        `env:"SOHOA_SIGN_TOOL" placeholder:"WS-URL" help:"WebSocket address at which a browser finds the token tool on its own machine; none is the tool's usual one."`
	SignLevel       signing.Level `default:"B-T" enum:"B-T,B-LT,B-LTA" env:"SOHOA_SIGN_LEVEL" help:"What documents that everybody has signed come to: B-T, B-LT or B-LTA."`
	OperatorSigns   bool          `env:"SOHOA_OPERATOR_SIGNS" help:"Whoever digitised a paper signs it before the agency does."`
	PublicURL       string        `env:"SOHOA_PUBLIC_URL" placeholder:"URL" help:"Where people reach this service; the agency's mark has a QR code that leads there."`
	EvidenceHosts   []string      `env:"SOHOA_EVIDENCE_HOSTS" placeholder:"HOST" help:"Hosts that may be asked about revocation; none permits every public one that a certificate names, and no private one."`

	DisposalApprovers []string      `env:"SOHOA_DISPOSAL_APPROVERS" placeholder:"USER" help:"Users who may approve the destruction of documents; none are the administrators. Two of them must, neither of them the proposer."`
	DisposalWait      time.Duration `default:"168h" env:"SOHOA_DISPOSAL_WAIT" help:"From the second approval to the first destruction."`
	backupSettings    `embed:""`

	SecondFactor     web.SecondFactor `default:"admins" enum:"none,admins,all" env:"SOHOA_SECOND_FACTOR" help:"Who must sign in with more than a password: none, admins (who manage people or the installation, or read the journal) or all. Who has set a second factor up is always asked for it."`
	OIDCIssuer       string           `name:"oidc-issuer" env:"SOHOA_OIDC_ISSUER" placeholder:"URL" help:"OpenID provider by which people sign in too, as the province's sign-on; none is none."`
	OIDCClientID     string           `name:"oidc-client-id" env:"SOHOA_OIDC_CLIENT_ID" placeholder:"ID" help:"Client that this service is there."`
	OIDCClientSecret string           `name:"oidc-client-secret" env:"SOHOA_OIDC_CLIENT_SECRET" secret:"" help:"Its secret; better in the environment than in a flag."`
	OIDCName         string           `name:"oidc-name" default:"Đăng nhập qua cổng của tỉnh" env:"SOHOA_OIDC_NAME" help:"What its button says."`
	OIDCClaim        string           `name:"oidc-claim" default:"preferred_username" env:"SOHOA_OIDC_CLAIM" help:"Claim of the ID token that says the sign-in name; people must not be able to change it there. Empty lets in only who linked the two on their own page."`
	TrustedProxies   []string         `env:"SOHOA_TRUSTED_PROXIES" placeholder:"NETWORK" help:"Addresses or networks of reverse proxies, such as 10.0.0.5 or 10.0.0.0/24, that are believed about where requests come from (X-Forwarded-For or Forwarded)."`

	IndexVerifyAt string   `default:"01:30" env:"SOHOA_INDEX_VERIFY_AT" placeholder:"HH:MM" help:"When 'serve' compares the search index with the catalogue every day, Việt Nam time; never is never. A machine that was off then does it ten minutes after its start."`
	WebhookHosts  []string `env:"SOHOA_WEBHOOK_HOSTS" placeholder:"HOST[:PORT]|NETWORK" help:"Hosts that webhooks may tell (port 443 unless it is named), and networks that are not public in which they may be, such as 10.1.0.0/16; none permits no webhook."`
	WebhookCA     string   `name:"webhook-ca" env:"SOHOA_WEBHOOK_CA" placeholder:"FILE" help:"Certificates (PEM) that receivers' may lead to, beside the system's."`

	TSA        []string      `env:"SOHOA_TSA" placeholder:"URL" help:"Timestamp authorities in order of preference."`
	TSATimeout time.Duration `name:"tsa-timeout" default:"30s" env:"SOHOA_TSA_TIMEOUT" help:"How long one timestamp request may take. The state's authority needs up to 131 s when it is busy: 180s."`
	Trust      []string      `env:"SOHOA_TRUST" placeholder:"[NAME=]FILE" help:"Certificates (PEM or DER) that signatures and timestamps are checked against, with a name for the world of trust that they stand for; timestamps:[NAME=]FILE for timestamps only."`
}

// s3Settings say where the bucket of the object store is, and how it is used.
type s3Settings struct {
	S3Endpoint  string `name:"s3-endpoint" env:"SOHOA_S3_ENDPOINT" placeholder:"HOST:PORT" help:"S3 server."`
	S3Region    string `name:"s3-region" default:"us-east-1" env:"SOHOA_S3_REGION" help:"S3 region."`
	S3Bucket    string `name:"s3-bucket" default:"sohoa" env:"SOHOA_S3_BUCKET" help:"S3 bucket; it must exist."`
	S3Prefix    string `name:"s3-prefix" env:"SOHOA_S3_PREFIX" help:"Put before every key in the bucket."`
	S3AccessKey string `name:"s3-access-key" env:"SOHOA_S3_ACCESS_KEY" help:"S3 access key; none takes it from AWS_ACCESS_KEY_ID and its like, or from the AWS credentials file."`
	S3SecretKey string `name:"s3-secret-key" env:"SOHOA_S3_SECRET_KEY" secret:"" help:"S3 secret key; better in the environment than in a flag."`
	S3Insecure  bool   `name:"s3-insecure" env:"SOHOA_S3_INSECURE" help:"Plain HTTP instead of TLS."`
	S3HostStyle bool   `name:"s3-host-style" env:"SOHOA_S3_HOST_STYLE" help:"Bucket name in the host name instead of the path."`

	S3SessionToken string        `name:"s3-session-token" env:"SOHOA_S3_SESSION_TOKEN" secret:"" help:"Token that belongs to temporary S3 keys."`
	S3CA           string        `name:"s3-ca" env:"SOHOA_S3_CA" placeholder:"FILE" help:"Certificates (PEM) that the S3 server's may lead to, beside the system's."`
	S3SSE          string        `name:"s3-sse" default:"none" env:"SOHOA_S3_SSE" placeholder:"none|AES256|aws:kms:KEY" help:"Encryption at the S3 server; refused if the server does not encrypt."`
	S3Lock         s3.Lock       `name:"s3-lock" default:"none" enum:"none,governance,compliance" env:"SOHOA_S3_LOCK" help:"Object Lock of what is kept, until its retention ends: governance can be lifted by accounts that the store permits it to, compliance by nobody. The bucket must have Object Lock."`
	S3Timeout      time.Duration `name:"s3-timeout" default:"30s" env:"SOHOA_S3_TIMEOUT" help:"Longest silence of the S3 server."`
	S3Retries      int           `name:"s3-retries" default:"5" env:"SOHOA_S3_RETRIES" help:"Attempts at one S3 request, with pauses, before the stage itself is tried again."`
}

// fileResolver reads the settings file that args or the environment name. It
// has to be found before the flags are parsed, since it is a source of them.
func fileResolver(args []string) *settingsFromFile {
	f := &settingsFromFile{}
	f.path, f.values, f.err = readSettings(args)
	return f
}

// settingsFromFile implements kong.Resolver.
type settingsFromFile struct {
	path   string
	values map[string]any
	err    error
}

// Resolve gives the value of a flag that neither the command line nor, since
// kong would put the file before it, the environment has.
func (f *settingsFromFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, ok := os.LookupEnv(name); ok {
			return nil, nil
		}
	}
	v, ok := f.values[settingKey(flag)]
	if !ok {
		return nil, nil
	}
	if list, ok := v.([]any); ok {
		return joined(list), nil
	}
	return fmt.Sprint(v), nil
}

// Validate reports a file that cannot be read, and settings that do not exist.
func (f *settingsFromFile) Validate(app *kong.Application) error {
	if f.err != nil {
		return wrongSettings(f.path, f.err.Error())
	}
	known := map[string]bool{}
	for _, flag := range everyFlag(app.Node) {
		known[settingKey(flag)] = len(flag.Envs) > 0
	}
	for name := range f.values {
		if !known[name] {
			return wrongSettings(f.path, fmt.Sprintf("there is no setting %q", name))
		}
	}
	return nil
}

// settingKey is the name of a flag in the settings file.
func settingKey(flag *kong.Flag) string { return strings.ReplaceAll(flag.Name, "-", "_") }

func wrongSettings(path, detail string) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "settings.file", Args: []string{path}, Detail: detail}
}

// joined writes a list as kong reads one.
func joined(list []any) string {
	items := make([]string, len(list))
	for i, v := range list {
		items[i] = strings.ReplaceAll(fmt.Sprint(v), ",", `\,`)
	}
	return strings.Join(items, ",")
}

func readSettings(args []string) (path string, values map[string]any, err error) {
	data := earlyFlag(args, "data", "SOHOA_DATA", "data")
	path = earlyFlag(args, "config", "SOHOA_CONFIG", "")
	named := path != ""
	if !named {
		path = filepath.Join(data, "sohoa.toml")
	}
	_, err = toml.DecodeFile(path, &values)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return path, nil, nil
	}
	return path, values, err
}

// earlyFlag finds the value of a flag without parsing the command line.
func earlyFlag(args []string, name, variable, fallback string) string {
	for i, a := range args {
		if a == "--" {
			break
		}
		if v, ok := strings.CutPrefix(a, "--"+name+"="); ok {
			return v
		}
		if a == "--"+name && i+1 < len(args) {
			return args[i+1]
		}
	}
	if v := os.Getenv(variable); v != "" {
		return v
	}
	return fallback
}
