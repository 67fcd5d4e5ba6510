package main

import (
	"context"
	"fmt"
	"slices"

	"sohoa"
	"sohoa/search/searchtest"
)

// found counts where known papers rank.
type found struct {
	Queries int     `json:"queries"`
	First   float64 `json:"recall1"`
	Ten     float64 `json:"recall10"`
	MRR     float64 `json:"mrr"`
}

// wanted is how many documents are asked for.
const wanted = 10

// quality asks queries, one after the other, and counts where the first right
// document ranks, by kind; "all" is all of them. Whether documents are right
// is seen afterwards, so as not to be counted as the engine's work.
func (m *measurement) quality(ctx context.Context, e engine, queries []searchtest.Sought, f *engineFigures) error {
	before, err := cpuTime(e)
	if err != nil {
		return err
	}
	answers := make([][]sohoa.DocumentID, len(queries))
	for i, q := range queries {
		if answers[i], err = e.find(ctx, q.Text, wanted); err != nil {
			return fmt.Errorf("find %q: %w", q.Text, err)
		}
	}
	after, err := cpuTime(e)
	if err != nil {
		return err
	}
	f.QueryCPU = ms(after-before) / float64(len(queries))
	f.Quality, f.Misses = m.judge(queries, answers)
	return nil
}

// judge ranks what was found.
func (m *measurement) judge(queries []searchtest.Sought, answers [][]sohoa.DocumentID) (map[string]*found, []miss) {
	kinds := map[string]*found{"all": {}}
	for _, k := range searchtest.Kinds {
		kinds[k] = new(found)
	}
	var misses []miss
	for i, q := range queries {
		rank := slices.IndexFunc(answers[i], func(id sohoa.DocumentID) bool { return m.papers.Right(q, id) })
		kinds[q.Kind].add(rank)
		kinds["all"].add(rank)
		if rank != 0 {
			misses = append(misses, m.miss(q, rank, answers[i]))
		}
	}
	for _, f := range kinds {
		f.finish()
	}
	return kinds, misses
}

// add counts one query; rank is -1 where nothing right was found.
func (f *found) add(rank int) {
	f.Queries++
	if rank < 0 {
		return
	}
	f.Ten++
	f.MRR += 1 / float64(rank+1)
	if rank == 0 {
		f.First++
	}
}

// finish makes means of sums.
func (f *found) finish() {
	n := float64(max(1, f.Queries))
	f.First, f.Ten, f.MRR = f.First/n, f.Ten/n, f.MRR/n
}

// miss is a query whose first document is not right.
type miss struct {
	Kind  string           `json:"kind"`
	Text  string           `json:"text"`
	Rank  int              `json:"rank"` // of the first right one; 0 for none
	Want  sohoa.DocumentID `json:"want"`
	First string           `json:"first"` // what came first instead
	Found int              `json:"found"`
}

func (m *measurement) miss(q searchtest.Sought, rank int, docs []sohoa.DocumentID) miss {
	x := miss{Kind: q.Kind, Text: q.Text, Rank: rank + 1, Want: q.Want, Found: len(docs)}
	if len(docs) > 0 {
		d := m.papers.Paper(searchtest.PaperNumber(docs[0])).Pages[0]
		x.First = known(d)
	}
	return x
}
