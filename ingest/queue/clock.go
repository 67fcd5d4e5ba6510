package queue

import (
	"context"
	"time"
)

// hastenEvery is how often jobs are looked for whose time is wrong.
const hastenEvery = 15 * time.Second

// watchClock has jobs whose time is wrong made due, now and every few seconds until
// ctx ends. While a machine's clock was ahead, by days perhaps, jobs were
// queued and put off by it; when it is set right they lie as far in the
// future, and documents that were accepted would wait for them. That is: a job
// that nobody put off and whose time has not come, and one that ran and was
// put off for longer than any pause of ours.
func (c *core[TTx]) watchClock(ctx context.Context) {
	tick := time.NewTicker(hastenEvery)
	defer tick.Stop()
	for {
		if err := c.hasten(ctx); err != nil && ctx.Err() == nil {
			c.log.Warn("looking for jobs with a wrong time failed, will be tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
