// Keys of pages that show a document or a list of them: a link with
// data-hotkey is followed by its key; on the page of a document the arrows and
// PageUp, PageDown go from page to page.
(() => {
  'use strict';
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (e) => e.target.matches('input, textarea, select') || e.ctrlKey || e.metaKey || e.altKey || e.isComposing;

  document.addEventListener('keydown', (e) => {
    if (typing(e)) return;
    const link = document.querySelector('[data-hotkey="' + CSS.escape(e.key) + '"]');
    if (link) {
      e.preventDefault();
      link.click();
    }
  });
})();
