package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// secondCopy is the second store: a folder on a disk of its own.
type secondCopy struct {
	dir  string
	disk *disk // nil without root
}

// openSecond makes the second store, if the program knows of one.
func (c *campaign) openSecond(exe string) error {
	out, err := exec.Command(exe, "config").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s config: %w\n%s", exe, err, out)
	}
	if !strings.Contains(string(out), "SOHOA_SECOND_DIR") {
		c.report.LeftOut = append(c.report.LeftOut, "second copy (this program has none)")
		return nil
	}
	c.second = &secondCopy{dir: filepath.Join(c.dir, "second")}
	// The folder is there without the disk, too: whoever takes an empty mount
	// point for the second copy is found out.
	if err := os.MkdirAll(c.second.objects(), 0o755); err != nil || c.disk == nil {
		return err
	}
	c.second.disk, err = newDisk(filepath.Join(c.dir, "second.img"), c.second.dir, secondDiskBytes)
	if err != nil {
		return err
	}
	c.closers = append(c.closers, c.second.disk.unmount)
	return os.Mkdir(c.second.objects(), 0o755)
}

// settings are the server's.
func (s *secondCopy) settings() []string {
	return []string{"SOHOA_SECOND_STORE=local", "SOHOA_SECOND_DIR=" + s.objects()}
}

// objects is the folder that the server gets.
func (s *secondCopy) objects() string { return filepath.Join(s.dir, "objects") }
