package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"sohoa"
	"sohoa/archive/backup"
	"sohoa/archive/localfs"
	"sohoa/archive/s3"
)

// backupSettings say where back-ups go.
type backupSettings struct {
	BackupDir         string `env:"SOHOA_BACKUP_DIR" placeholder:"DEST" help:"Where back-ups go: a folder on another medium, or s3:PREFIX with the settings backup_s3_*."`
	BackupAt          string `env:"SOHOA_BACKUP_AT" placeholder:"HH:MM" help:"When 'serve' makes the daily back-up, Việt Nam time; none is never. On the first of a month everything is read again."`
	BackupS3Endpoint  string `name:"backup-s3-endpoint" env:"SOHOA_BACKUP_S3_ENDPOINT" placeholder:"HOST:PORT" help:"S3 server of back-ups."`
	BackupS3Region    string `name:"backup-s3-region" default:"us-east-1" env:"SOHOA_BACKUP_S3_REGION" help:"Its region."`
	BackupS3Bucket    string `name:"backup-s3-bucket" default:"sohoa-backup" env:"SOHOA_BACKUP_S3_BUCKET" help:"Its bucket; it must exist, and be another than that of the archive."`
	BackupS3AccessKey string `name:"backup-s3-access-key" env:"SOHOA_BACKUP_S3_ACCESS_KEY" help:"Its access key."`
	BackupS3SecretKey string `name:"backup-s3-secret-key" env:"SOHOA_BACKUP_S3_SECRET_KEY" secret:"" help:"Its secret key; better in the environment than in a flag."`
	BackupS3Insecure  bool   `name:"backup-s3-insecure" env:"SOHOA_BACKUP_S3_INSECURE" help:"Plain HTTP instead of TLS."`
	BackupS3HostStyle bool   `name:"backup-s3-host-style" env:"SOHOA_BACKUP_S3_HOST_STYLE" help:"Bucket name in the host name instead of the path."`

	described map[string]string // every setting by its name, without secrets
	list      []setting         // every setting
	files     []backup.KeyFile  // the files that settings name
}

// describe fills in the list of the settings, and what a back-up says of them.
func (set *settings) describe(parser *kong.Kong, k *kong.Context) {
	set.described = map[string]string{}
	for _, flag := range everyFlag(parser.Model.Node) {
		if len(flag.Envs) == 0 {
			continue
		}
		set.list = append(set.list, settingOf(k, flag))
		name := settingKey(flag)
		set.described[name] = valueOf(k, flag)
		if strings.Contains(flag.PlaceHolder, "FILE") {
			set.files = append(set.files, set.filesIn(name, k.FlagValue(flag))...)
		}
	}
}

// filesIn are the files that the value of a setting names: as it is, or behind
// the name of what it is for ("lan=lan.p12").
func (set *settings) filesIn(setting string, value any) (files []backup.KeyFile) {
	var values []string
	switch v := value.(type) {
	case string:
		values = []string{v}
	case []string:
		values = v
	}
	for _, v := range values {
		_, path, _ := strings.Cut(v, "=")
		for _, candidate := range []string{v, strings.TrimPrefix(v, "timestamps:"), path} {
			if name := set.find(candidate); fileThere(name) {
				files = append(files, backup.KeyFile{Setting: setting, Path: name})
				break
			}
		}
	}
	return files
}

// openBackupStore opens the place of a back-up.
func openBackupStore(ctx context.Context, set *settings, u backupUse) (backup.Store, func() error, error) {
	dest := cmp.Or(u.dest, set.BackupDir)
	if dest == "" {
		return nil, nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "backup.where"}
	}
	if prefix, ok := strings.CutPrefix(dest, "s3:"); ok {
		store, err := s3.Open(ctx, s3.Config{
			Endpoint: set.BackupS3Endpoint, Region: set.BackupS3Region, Bucket: set.BackupS3Bucket, Prefix: prefix,
			AccessKey: set.BackupS3AccessKey, SecretKey: set.BackupS3SecretKey,
			TLS: !set.BackupS3Insecure, PathStyle: !set.BackupS3HostStyle,
		})
		return store, func() error { return nil }, err
	}
	dest, err := filepath.Abs(dest)
	if err != nil {
		return nil, nil, err
	}
	if inside(set.Data, dest) {
		return nil, nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "backup.inside", Args: []string{dest}}
	}
	if _, err := os.Stat(dest); errors.Is(err, os.ErrNotExist) && !u.create { // localfs would make it
		return nil, nil, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "backup.none"}
	}
	store, err := localfs.Open(dest)
	if err != nil {
		return nil, nil, err
	}
	return store, store.Close, nil
}

// inside reports whether a path is a folder or below it.
func inside(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// backupUse says what somebody wants of a back-up.
type backupUse struct {
	dest   string
	use    backup.Use
	create bool
}

// withBackup calls f with a back-up that it may use.
func withBackup(ctx context.Context, set *settings, u backupUse, f func(context.Context, *backup.Repository) error) (err error) {
	store, closeStore, err := openBackupStore(ctx, set, u)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	open := backup.Open
	if u.create {
		open = backup.Create
	}
	repo, err := open(ctx, store, "")
	if err != nil {
		return err
	}
	ctx, unlock, err := repo.Lock(ctx, u.use)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return f(ctx, repo)
}

// saving says how a back-up is made.
type saving struct {
	dest     string
	full     bool
	keys     bool
	progress func(backup.Snapshot)
}

// backUp takes a snapshot of the archive.
func (a *app) backUp(ctx context.Context, s saving) (snap backup.Snapshot, damaged []backup.Damage, err error) {
	src := backup.Source{
		Catalogue: a.catalog.(backup.Dumper), Objects: a.stored, Keeper: a.keeper,
		Work: "work/", Skip: []string{"cache/"},
		Settings: a.set.described, Program: version, Full: s.full, Progress: s.progress, Now: time.Now,
	}
	if s.keys {
		src.Keys = slices.Clone(a.set.files)
		if name := a.path("sohoa.toml"); fileThere(name) {
			src.Keys = append(src.Keys, backup.KeyFile{Setting: "config", Path: name})
		}
		if name := a.path(identityFile); fileThere(name) {
			src.Keys = append(src.Keys, backup.KeyFile{Setting: identitySetting, Path: name})
		}
	}
	err = withBackup(ctx, a.set, backupUse{s.dest, backup.Write, true}, func(ctx context.Context, repo *backup.Repository) (err error) {
		snap, damaged, err = repo.Save(ctx, src)
		return err
	})
	return snap, damaged, err
}

func fileThere(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// in chooses a sentence by language.
func (set *settings) in(vi, en string, args ...any) string {
	if set.Lang == sohoa.English {
		vi = en
	}
	return fmt.Sprintf(vi, args...)
}
