// Command sohoa digitises the papers of a one-stop office: it reads, signs,
// keeps and finds them. README.md shows how to use it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"sohoa/ocr/child"
)

func main() {
	child.Run() // returns unless this process is one of our own children
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
