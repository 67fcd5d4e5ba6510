// The page of a document: arrows and PageUp, PageDown go from page to page, and
// the strip of small images marks where one is.
(() => {
  'use strict';
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (e) => e.target.matches('input, textarea, select') || e.ctrlKey || e.metaKey || e.altKey || e.isComposing;

  const sheets = () => $$('.reader:not(.fields-desk) .viewer .sheet');
  const top = 80; // what the bar covers

  // current is the page at the top of the window.
  function current(all) {
    const i = all.findIndex((s) => s.getBoundingClientRect().bottom > top + 40);
    return i < 0 ? all.length - 1 : i;
  }

  // mark shows in the strip which page is looked at. The strip alone scrolls.
  function mark(sheet) {
    const strip = document.querySelector('.thumbs');
    if (!sheet || !strip) return;
    $$('[aria-current]', strip).forEach((t) => t.removeAttribute('aria-current'));
    const thumb = strip.querySelector('[href="#' + sheet.id + '"]');
    if (!thumb) return;
    thumb.setAttribute('aria-current', 'true');
    const a = thumb.getBoundingClientRect();
    const b = strip.getBoundingClientRect();
    if (a.top < b.top || a.bottom > b.bottom) strip.scrollTop += a.top - b.top - (b.height - a.height) / 2;
    if (a.left < b.left || a.right > b.right) strip.scrollLeft += a.left - b.left - (b.width - a.width) / 2;
  }

  function turn(by) {
    const all = sheets();
    const to = all[current(all) + by];
    if (!to) return;
    to.scrollIntoView();
    mark(to);
    document.querySelector('#said').textContent = to.querySelector('figcaption span').textContent;
  }

  let soon = 0;
  addEventListener('scroll', () => {
    if (soon) return;
    soon = requestAnimationFrame(() => { soon = 0; const all = sheets(); mark(all[current(all)]); });
  }, { passive: true });
  { const all = sheets(); if (all.length > 0) mark(all[current(all)]); }

  document.addEventListener('keydown', (e) => {
    if (typing(e) || e.defaultPrevented) return;
    const by = { PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1 }[e.key];
    if (by && !e.shiftKey && sheets().length > 0 && !e.target.closest('.paper, .scroll, .tiles')) {
      e.preventDefault();
      turn(by);
    }
  });
})();
