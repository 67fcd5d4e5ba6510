package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"sohoa/signing/testca"
)

// kind is one kind of fault. plan draws what it will do, and do does it; it
// ends when what it did is undone.
type kind struct {
	name   string
	weight int
	plan   func(random *rand.Rand) (detail string, do func(ctx context.Context) error)
}

// together bounds the faults that last at the same time.
const together = 4

var lasting = make(chan struct{}, together)

// strike injects the n-th fault.
func (c *campaign) strike(ctx context.Context, n int, kinds []kind, random *rand.Rand) {
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	at := random.IntN(total)
	var chosen kind
	for _, k := range kinds {
		if at -= k.weight; at < 0 {
			chosen = k
			break
		}
	}
	detail, do := chosen.plan(random)
	lasting <- struct{}{}
	c.report.fault(n, chosen.name, detail)
	c.faults.Go(func() {
		defer func() { <-lasting }()
		if err := do(context.WithoutCancel(ctx)); err != nil {
			c.failed(fmt.Errorf("fault %d, %s %s: %w", n, chosen.name, detail, err))
		}
	})
}

// between draws a time.
func between(random *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(random.Int64N(int64(to-from)))
}

// kinds are the faults of this campaign.
func (c *campaign) kinds() ([]kind, error) {
	all := slices.Concat(c.processFaults(), c.clockFaults(), c.stampFaults(), c.diskFaults(), c.secondFaults(), c.gatewayFaults(), c.databaseFaults())
	if len(c.o.Only) == 0 {
		return all, nil
	}
	all = slices.DeleteFunc(all, func(k kind) bool { return !slices.Contains(c.o.Only, k.name) })
	if len(all) == 0 {
		return nil, fmt.Errorf("no faults of the kinds %q here", c.o.Only)
	}
	return all, nil
}

func (c *campaign) processFaults() []kind {
	return []kind{
		{"kill", 14, func(*rand.Rand) (string, func(context.Context) error) {
			return "", func(context.Context) error { c.server.kill(); return nil }
		}},
		{"kill-starting", 5, func(random *rand.Rand) (string, func(context.Context) error) {
			after := between(random, 0, 500*time.Millisecond)
			return after.String(), func(ctx context.Context) error {
				c.server.kill()
				ctx, cancel := context.WithTimeout(ctx, startTime)
				defer cancel()
				if err := c.server.until(ctx, func() bool { return c.server.cmd != nil }); err != nil {
					return err
				}
				<-time.After(after)
				c.server.kill()
				return nil
			}
		}},
		{"kill-child", 14, func(random *rand.Rand) (string, func(context.Context) error) {
			pick := random.IntN(1000)
			return "", func(context.Context) error {
				for range 100 { // until there is one
					children := c.server.children()
					if len(children) == 0 {
						<-time.After(20 * time.Millisecond)
						continue
					}
					pids := make([]int, 0, len(children))
					for pid := range children {
						pids = append(pids, pid)
					}
					slices.Sort(pids)
					pid := pids[pick%len(pids)]
					syscall.Kill(pid, syscall.SIGKILL)
					c.report.act("killed " + children[pid])
					return nil
				}
				return nil
			}
		}},
		{"freeze", 8, func(random *rand.Rand) (string, func(context.Context) error) {
			long := between(random, 100*time.Millisecond, 4*time.Second)
			return long.String(), func(context.Context) error {
				pid := c.server.pid()
				if pid == 0 {
					return nil
				}
				syscall.Kill(pid, syscall.SIGSTOP)
				<-time.After(long)
				syscall.Kill(pid, syscall.SIGCONT)
				return nil
			}
		}},
	}
}

// one lets faults of one resource follow each other.
type one struct{ mu sync.Mutex }

func (o *one) during(long time.Duration, on, off func() error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := on(); err != nil {
		return err
	}
	<-time.After(long)
	return off()
}

var (
	clockOne, stampOne, gatewayOne, databaseOne one
)

func (c *campaign) clockFaults() []kind {
	if c.o.NoClock {
		return nil
	}
	jump := func(name string, least, most time.Duration, sign time.Duration) kind {
		return kind{name, 6, func(random *rand.Rand) (string, func(context.Context) error) {
			by, long := sign*between(random, least, most).Round(time.Second), between(random, 500*time.Millisecond, 5*time.Second)
			return fmt.Sprintf("%v for %v", by, long), func(context.Context) error {
				return clockOne.during(long, func() error { c.clock.jump(by); return nil }, func() error { c.clock.jump(0); return nil })
			}
		}}
	}
	return []kind{jump("clock-ahead", time.Hour, 20*24*time.Hour, 1), jump("clock-behind", 30*time.Second, 45*time.Minute, -1)}
}

func (c *campaign) stampFaults() []kind {
	ways := []string{"away", "away", string(testca.FaultStatus), string(testca.FaultGarbage), string(testca.FaultHang), string(testca.FaultImprint), string(testca.FaultTampered)}
	return []kind{{"tsa", 8, func(random *rand.Rand) (string, func(context.Context) error) {
		way, long := ways[random.IntN(len(ways))], between(random, 500*time.Millisecond, 5*time.Second)
		return fmt.Sprintf("%s for %v", way, long), func(context.Context) error {
			return stampOne.during(long, func() error { c.office.misbehave(way); return nil }, func() error { c.office.misbehave(""); return nil })
		}
	}}}
}

// refusable are folders of the data folder that may refuse changes.
var refusable = []string{"objects", "objects/ocfl", "objects/ocfl.pending", "objects/work", "objects/.tmp", "index", "tmp", "."}

func (c *campaign) diskFaults() []kind {
	if c.disk == nil {
		return nil
	}
	kinds := []kind{
		{"refuse", 10, func(random *rand.Rand) (string, func(context.Context) error) {
			dir, long := refusable[random.IntN(len(refusable))], between(random, 200*time.Millisecond, 3*time.Second)
			return fmt.Sprintf("%s for %v", dir, long), func(context.Context) error {
				return refuseFor(c.disk, filepath.Join(c.data, dir), long)
			}
		}},
		{"full", 8, func(random *rand.Rand) (string, func(context.Context) error) {
			long := between(random, 300*time.Millisecond, 4*time.Second)
			return long.String(), func(context.Context) error {
				if err := c.disk.full(); err != nil {
					return err
				}
				<-time.After(long)
				return c.disk.free()
			}
		}},
		{"power", 4, func(random *rand.Rand) (string, func(context.Context) error) {
			long := between(random, 0, 1500*time.Millisecond)
			return fmt.Sprintf("the server lives on for %v", long), func(context.Context) error { return c.cutPower(c.disk, long) }
		}},
	}
	return kinds
}

// refuseFor lets a folder refuse changes, if it is there.
func refuseFor(d *disk, dir string, long time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	if err := refuse(dir, true); err != nil {
		return err
	}
	<-time.After(long)
	return refuse(dir, false)
}

// cutPower cuts the power of a disk. The server sees it fail for a while,
// dies, and starts again when the disk is back with what had been synced.
func (c *campaign) cutPower(d *disk, long time.Duration) error {
	if err := d.cut(); err != nil {
		return err
	}
	<-time.After(long)
	c.server.pause()
	defer c.server.resume()
	c.server.kill()
	return d.restore()
}

// takeAway lets the server run without a disk for a while: it finds the empty
// folder at which the disk was mounted.
func (c *campaign) takeAway(d *disk, long time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	without := func(do func() error) error {
		c.server.pause()
		defer c.server.resume()
		c.server.kill()
		return do()
	}
	if err := without(d.unmount); err != nil {
		return err
	}
	<-time.After(long)
	return without(d.mount)
}

func (c *campaign) secondFaults() []kind {
	if c.second == nil || c.second.disk == nil {
		return nil
	}
	d := c.second.disk
	return []kind{
		{"second-refuses", 6, func(random *rand.Rand) (string, func(context.Context) error) {
			dirs := []string{"", "ocfl", "ocfl.pending", ".tmp"}
			dir, long := filepath.Join(c.second.objects(), dirs[random.IntN(len(dirs))]), between(random, 300*time.Millisecond, 5*time.Second)
			return fmt.Sprintf("%s for %v", dir, long), func(context.Context) error { return refuseFor(d, dir, long) }
		}},
		{"second-power", 3, func(random *rand.Rand) (string, func(context.Context) error) {
			long := between(random, 0, 1500*time.Millisecond)
			return fmt.Sprintf("the server lives on for %v", long), func(context.Context) error { return c.cutPower(d, long) }
		}},
		{"second-away", 3, func(random *rand.Rand) (string, func(context.Context) error) {
			long := between(random, 500*time.Millisecond, 5*time.Second)
			return long.String(), func(context.Context) error { return c.takeAway(d, long) }
		}},
		{"second-full", 5, func(random *rand.Rand) (string, func(context.Context) error) {
			long := between(random, 300*time.Millisecond, 5*time.Second)
			return long.String(), func(context.Context) error {
				if err := d.full(); err != nil {
					return err
				}
				<-time.After(long)
				return d.free()
			}
		}},
	}
}

func (c *campaign) gatewayFaults() []kind {
	if c.gateway == nil {
		return nil
	}
	g := c.gateway
	var kinds []kind
	for _, way := range storeFaults {
		kinds = append(kinds, kind{"store-" + way, 6, func(random *rand.Rand) (string, func(context.Context) error) {
			share, faults := 0.05+0.95*random.Float64(), storeFault(way, between(random, 50*time.Millisecond, 2*time.Second))
			long := between(random, 300*time.Millisecond, 4*time.Second)
			return fmt.Sprintf("%.0f%% for %v", 100*share, long), func(context.Context) error {
				on := func() error { g.proxy.Random(math.Float64bits(share), share, faults...); return nil }
				return gatewayOne.during(long, on, g.proxy.Calm)
			}
		}})
	}
	return append(kinds, kind{"kill-store", 6, func(random *rand.Rand) (string, func(context.Context) error) {
		long := between(random, 0, 2*time.Second)
		return long.String(), func(ctx context.Context) error {
			return gatewayOne.during(long, func() error { g.kill(); return nil }, func() error { return g.start(ctx) })
		}
	}})
}

func (c *campaign) databaseFaults() []kind {
	if c.pg == nil {
		return nil
	}
	return []kind{
		{"crash-database", 6, func(random *rand.Rand) (string, func(context.Context) error) {
			long := between(random, 0, 3*time.Second)
			return long.String(), func(ctx context.Context) error {
				return databaseOne.during(long, c.pg.Down, func() error { return c.pg.Up(ctx) })
			}
		}},
		{"cut-database", 6, func(*rand.Rand) (string, func(context.Context) error) {
			return "", func(ctx context.Context) error {
				const others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
				return databaseOne.during(0, func() error { return c.exec(ctx, others) }, func() error { return nil })
			}
		}},
	}
}
