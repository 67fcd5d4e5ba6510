package csc

import (
	"net/url"
	"strings"

	"sohoa"
)

// maxAddress bounds an address, bytes.
const maxAddress = 4096

// scheme begins the address of a remote key.
const scheme = "csc:"

// IsAddress reports whether s is meant as the address of a remote key.
func IsAddress(s string) bool { return strings.HasPrefix(s, scheme) }

// ParseAddress reads the address of a remote key,
//
//	csc:https://HOST/csc/v2?credential=ID
//
// into a Config without secrets. Further parameters are token-url, the OAuth
// 2.0 token endpoint, and mode=async. What is wrong is the Problem
// remote.address or remote.no-tls.
func ParseAddress(s string) (Config, error) {
	wrong := problem(sohoa.ErrInvalid, "remote.address", shown(s))
	rest, ok := strings.CutPrefix(s, scheme)
	if !ok || len(s) > maxAddress {
		return Config{}, wrong
	}
	base, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return Config{}, wrong
	}
	config := Config{URL: base}
	for key, v := range values {
		switch {
		case len(v) != 1:
			return Config{}, wrong
		case key == "credential":
			config.Credential = v[0]
		case key == "token-url":
			config.TokenURL = v[0]
		case key == "mode" && (v[0] == "async" || v[0] == "sync"):
			config.Asynchronous = v[0] == "async"
		default:
			return Config{}, wrong
		}
	}
	_, err = newClient(config)
	return config, err
}
