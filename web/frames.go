package web

import (
	"fmt"
	"html/template"
	"strings"
)

// Frame is a page without its content, which comes when it is looked at. A
// document of 300 pages has 299 of them; written here, as is Strip, they take
// less time than by a template, which escapes each value by itself.
func (sh sheet) Frame() template.HTML {
	e := template.HTMLEscapeString
	return template.HTML(fmt.Sprintf(`<figure class="sheet" id="page-%[1]d" data-page="%[1]d" hx-get="%[2]s" hx-trigger="intersect once" hx-swap="outerHTML">`+
		`<figcaption><span>%[3]s</span></figcaption><div class="paper"><svg viewBox="0 0 %[4]d %[5]d" width="%[4]d" height="%[5]d" aria-hidden="true"></svg></div></figure>`+"\n",
		sh.Page.Number, e(sh.Later), e(sh.Label), sh.Width, sh.Height))
}

// Strip is the small images of the pages, each leading to its page. They have
// their size before they come, so that nothing jumps.
func (p sheetsPart) Strip() template.HTML {
	var b strings.Builder
	for _, t := range p.Thumbs {
		fmt.Fprintf(&b, `<a href="#page-%d" class="thumb">`, t.Number)
		if t.Image != "" {
			fmt.Fprintf(&b, `<img src="%s" alt="" loading="lazy" width="%d" height="%d">`, template.HTMLEscapeString(t.Image), t.Width, t.Height)
		} else {
			fmt.Fprintf(&b, `<svg viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" aria-hidden="true"></svg>`, t.Width, t.Height)
		}
		fmt.Fprintf(&b, "<span>%d</span></a>\n", t.Number)
	}
	return template.HTML(b.String())
}
