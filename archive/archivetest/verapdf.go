package archivetest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// VeraPDF has veraPDF judge the files at paths, whose names end in .pdf and
// differ, as PDF/A-2u in one process; each that fails is an error. The jar is
// named by SOHOA_VERAPDF_JAR, or where Maven keeps it; without it the test is
// skipped, or fails where CI is set.
func VeraPDF(t testing.TB, paths ...string) {
	t.Helper()
	args := []string{"-Xmx1g", "-cp", veraJar(t), "org.verapdf.apps.GreenfieldCliWrapper", "-f", "2u", "--format", "text", "-v"}
	var stderr bytes.Buffer
	cmd := exec.Command("java", append(args, paths...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output() // fails when a file does; the verdicts tell
	verdicts := map[string]string{}
	for line := range strings.Lines(string(out)) {
		verdict, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if path, _, ok := strings.Cut(rest, ".pdf"); ok && (verdict == "PASS" || verdict == "FAIL") {
			verdicts[filepath.Base(path)] = verdict
		}
	}
	if len(verdicts) != len(paths) {
		t.Fatalf("veraPDF judged %d of %d files: %v\n%s%s", len(verdicts), len(paths), err, out, stderr.Bytes())
	}
	for name, verdict := range verdicts {
		if verdict != "PASS" {
			t.Errorf("%s: %s\n%s", name, verdict, out)
		}
	}
}

// veraJar finds veraPDF, and Java.
func veraJar(t testing.TB) string {
	t.Helper()
	jar := os.Getenv("SOHOA_VERAPDF_JAR")
	if jar == "" {
		home, _ := os.UserHomeDir()
		jar = filepath.Join(home, ".m2/repository/org/verapdf/apps/greenfield-apps/1.28.2/greenfield-apps-1.28.2.jar")
	}
	_, err := os.Stat(jar)
	if err == nil {
		_, err = exec.LookPath("java")
	}
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("veraPDF is missing: %v", err)
	}
	if err != nil {
		t.Fatalf("veraPDF is missing: %v", err)
	}
	return jar
}
