package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// disk is an ext4 file system in a file, which can be filled, made to refuse
// changes, and lose power: then what was not synced is gone.
type disk struct {
	img, dir string

	mu   sync.Mutex // one fault at a time
	fill *os.File
}

// newDisk makes a file system of size bytes in file img and mounts it at dir.
func newDisk(img, dir string, size int64) (*disk, error) {
	d := &disk{img: img, dir: dir}
	f, err := os.Create(img)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Truncate(size), f.Close(), os.MkdirAll(dir, 0o755)); err != nil {
		return nil, err
	}
	// Nothing reserved: root would go on writing to a full disk.
	if err := tool("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,nodiscard", img); err != nil {
		return nil, err
	}
	return d, d.mount()
}

func tool(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %q: %w: %s", name, args, err, out)
	}
	return nil
}

func (d *disk) mount() error { return tool("mount", "-o", "loop", d.img, d.dir) }

// unmount takes the file system away. Children of a server that was killed
// may use it for a moment.
func (d *disk) unmount() (err error) {
	for range unmountTries {
		if err = tool("umount", d.dir); err == nil {
			return nil
		}
		<-time.After(unmountPause)
	}
	return err
}

const (
	unmountTries = 200
	unmountPause = 50 * time.Millisecond
)

func (d *disk) fillName() string { return filepath.Join(d.dir, "fill") }

// full takes all of the free space, until free.
func (d *disk) full() error {
	d.mu.Lock()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &fs); err != nil {
		d.mu.Unlock()
		return err
	}
	f, err := os.Create(d.fillName())
	if err != nil {
		d.mu.Unlock()
		return err
	}
	d.fill = f
	left := int64(fs.Bavail) * fs.Bsize
	for step := left; step > 4096; {
		if err := syscall.Fallocate(int(f.Fd()), 0, sizeOf(f), step); err != nil {
			step /= 2
		}
	}
	return nil
}

func sizeOf(f *os.File) int64 {
	fi, err := f.Stat()
	if err != nil {
		return 0
	}
	return fi.Size()
}

// free ends full.
func (d *disk) free() error {
	defer d.mu.Unlock()
	return errors.Join(d.fill.Close(), os.Remove(d.fillName()), syncDir(d.dir))
}

// The ioctls of Linux that the faults are made of (linux/fs.h).
const (
	ioctlShutdown   = 0x8004587d // EXT4_IOC_SHUTDOWN
	ioctlGetFlags   = 0x80086601
	ioctlSetFlags   = 0x40086602
	shutdownNoFlush = 2    // what is not on the disk is lost
	flagImmutable   = 0x10 // nothing can be made, renamed or removed in a folder
)

func ioctl(dir string, request uintptr, arg *uint32) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, _, no := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(arg))); no != 0 {
		return fmt.Errorf("ioctl %#x on %s: %w", request, dir, no)
	}
	return nil
}

// cut cuts the power of the disk: from now on every change fails, and what
// was not synced is lost. restore brings it back.
func (d *disk) cut() error {
	d.mu.Lock()
	how := uint32(shutdownNoFlush)
	err := ioctl(d.dir, ioctlShutdown, &how)
	if err != nil {
		d.mu.Unlock()
	}
	return err
}

// restore mounts the disk anew after cut. Nobody may use it meanwhile.
func (d *disk) restore() error {
	defer d.mu.Unlock()
	if err := d.unmount(); err != nil {
		return err
	}
	return d.mount()
}

// syncDir makes durable what the campaign itself did to a folder, so that it
// does not come back when power is lost.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// refuse makes a folder on the disk refuse changes, or permits them again.
func refuse(dir string, on bool) error {
	var flags [2]uint32 // the kernel writes four bytes, the number says eight
	if err := ioctl(dir, ioctlGetFlags, &flags[0]); err != nil {
		return err
	}
	flags[0] &^= flagImmutable
	if on {
		flags[0] |= flagImmutable
	}
	return errors.Join(ioctl(dir, ioctlSetFlags, &flags[0]), syncDir(dir))
}
