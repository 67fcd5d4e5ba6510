package main

import (
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"sohoa/signing/token"
)

// configCmd lists every setting with its meaning, default and present value.
type configCmd struct {
	JSON bool `name:"json" help:"One object a line."`
}

// setting is one line of the list.
type setting struct {
	Name     string `json:"name"`
	Variable string `json:"variable"`
	Meaning  string `json:"meaning"`
	Default  string `json:"default"`
	Value    string `json:"value"`
	From     string `json:"from"` // flag, variable, file or default
}

// Run implements the command.
func (c *configCmd) Run(set *settings, out *streams) error {
	if c.JSON {
		return printLines(out.out, set.list)
	}
	w := tabwriter.NewWriter(out.out, 0, 4, 2, ' ', 0)
	for _, s := range set.list {
		fmt.Fprintf(w, "%s\t%s\t%q\t(default %q)\n\t%s\n", s.Name, s.Variable, s.Value, s.Default, s.Meaning)
	}
	return w.Flush()
}

// settingOf is the line of a flag in the list.
func settingOf(k *kong.Context, flag *kong.Flag) setting {
	return setting{Name: flag.Name, Variable: flag.Envs[0], Meaning: flag.Help, Default: flag.Default, Value: valueOf(k, flag), From: sourceOf(k, flag)}
}

// sourceOf is where the value of a flag came from.
func sourceOf(k *kong.Context, flag *kong.Flag) string {
	i := slices.IndexFunc(k.Path, func(p *kong.Path) bool { return p.Flag == flag })
	_, variable := os.LookupEnv(flag.Envs[0])
	switch {
	case i >= 0 && !k.Path[i].Resolved:
		return "flag"
	case variable:
		return "variable"
	case i >= 0:
		return "file"
	}
	return "default"
}

// everyFlag lists the flags of a command and of those below it.
func everyFlag(n *kong.Node) []*kong.Flag {
	flags := n.Flags
	for _, child := range n.Children {
		flags = append(flags, everyFlag(child)...)
	}
	return flags
}

// valueOf is the present value of a flag: of another command's, what its
// variable or its default says. Secrets are not shown.
func valueOf(k *kong.Context, flag *kong.Flag) string {
	value := fmt.Sprint(k.FlagValue(flag))
	if k.FlagValue(flag) == nil {
		value = flag.Default
		if v, ok := os.LookupEnv(flag.Envs[0]); ok {
			value = v
		}
	}
	if flag.Tag.Has("secret") && value != "" {
		return "(set)"
	}
	return token.HidePIN(value)
}
