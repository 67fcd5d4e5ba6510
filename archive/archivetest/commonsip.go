package archivetest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// ipReport is what commons-ip writes about a package.
type ipReport struct {
	Summary struct {
		Result           string
		Errors, Warnings int
		Success, Notes   int
	}
	Validation []struct {
		ID      string `json:"id"`
		Level   string
		Testing struct {
			Outcome                 string
			Issues, Warnings, Notes []string
		}
	}
}

// CommonsIP lets the E-ARK validator commons-ip judge an information package,
// by CSIP 2.0.4, and fails on errors and on warnings that are not known. The
// variable SOHOA_COMMONS_IP_JARS has the folder with it.
func CommonsIP(t testing.TB, name string) {
	t.Helper()
	jars := os.Getenv("SOHOA_COMMONS_IP_JARS")
	if jars == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("SOHOA_COMMONS_IP_JARS is not set: run ./check once")
		}
		t.Skip("SOHOA_COMMONS_IP_JARS is not set")
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "java", "-cp", filepath.Join(jars, "*"), "org.roda_project.commons_ip2.cli.Main",
		"validate", "-i", name, "-o", dir, "--specification-version", "2.0.4")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("commons-ip: %v\n%s", err, out)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	if len(files) != 1 {
		t.Fatalf("commons-ip left %d reports", len(files))
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var r ipReport
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	if r.Summary.Success == 0 || r.Summary.Result != "VALID" {
		t.Errorf("commons-ip: %+v", r.Summary)
	}
	for _, v := range r.Validation {
		// CSIPSTR16 suggests documentation in each representation; that of the
		// whole package is at its top.
		if v.Testing.Outcome == "FAILED" && v.ID != "CSIPSTR16" {
			t.Errorf("%s %s %s %q %q", v.ID, v.Level, v.Testing.Outcome, v.Testing.Issues, v.Testing.Warnings)
		}
	}
}
