// What waits for an official, by keyboard: j and k or arrows go from one
// document to the next, Space chooses, Enter opens, s goes to the PIN, r to
// the reason of a refusal. Everything is a link or a control of the page too.
(() => {
  'use strict';
  const $ = (selector, from = document) => from && from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const list = () => $('#queue');
  const rows = () => $$('.queue-row', list() || document.createElement('div'));
  const opener = (row) => $('.open', row);
  const typing = (e) => e.target.matches('input:not([type=checkbox]), textarea, select') || e.ctrlKey || e.metaKey || e.altKey || e.isComposing;

  function count() {
    const text = $('#queued');
    if (text) text.textContent = rows().filter((r) => $('.pick', r).checked).length + ' ' + text.dataset.text;
  }

  function move(by) {
    const all = rows();
    if (all.length === 0) return;
    const at = all.findIndex((r) => r.contains(document.activeElement));
    const row = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
    opener(row).focus();
    row.scrollIntoView({ block: 'nearest' });
  }

  function toSign() {
    const form = $('#act');
    const to = $('input[name=pin]', form) || $('button.primary', form);
    if (to) to.focus();
  }

  function toRefuse() {
    const reason = $('#act textarea[name=refusal]');
    if (!reason) return;
    reason.closest('details').open = true;
    reason.focus();
  }

  function keyed(e) {
    switch (e.key) {
      case 's': return () => { released = toSign; };
      case 'r': return () => { released = toRefuse; };
    }
    if (!list()) return null;
    switch (e.key) {
      case 'j': case 'ArrowDown': return () => move(1);
      case 'k': case 'ArrowUp': return () => move(-1);
      case ' ': {
        const row = document.activeElement.closest('.queue-row');
        if (!row || !document.activeElement.matches('.open')) return null;
        return () => { $('.pick:enabled', row)?.click(); };
      }
    }
    return null;
  }

  // What leads into a field waits until its key is let go: the field must not
  // get it too.
  let released = null;
  document.addEventListener('keyup', () => {
    const act = released;
    released = null;
    if (act) act();
  });

  document.addEventListener('keydown', (e) => {
    if (typing(e) || e.target.matches('[role=slider]') && e.key.startsWith('Arrow')) return;
    const act = keyed(e);
    if (!act) return;
    e.preventDefault();
    act();
  });

  // The reason of a refusal, unlike the PIN, is not sent by Enter; Ctrl+Enter
  // sends it.
  document.addEventListener('keydown', (e) => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && e.target.matches('textarea[name=refusal]')) {
      e.preventDefault();
      $('button', e.target.closest('details')).click();
    }
  });

  if (!list()) return;
  document.addEventListener('change', (e) => { if (e.target.matches('.pick')) count(); });
  $$('[data-queue]').forEach((b) => b.addEventListener('click', () => {
    rows().forEach((r) => { const pick = $('.pick', r); pick.checked = b.dataset.queue === 'all' && !pick.disabled; });
    count();
  }));
  // What was chosen stays chosen, and the focus where it was, when the list
  // comes anew.
  let kept = null;
  document.addEventListener('htmx:beforeSwap', (e) => {
    if (!e.detail.target || e.detail.target.id !== 'queue') return;
    const at = document.activeElement.closest('.queue-row');
    kept = { chosen: new Set(rows().filter((r) => $('.pick', r).checked).map((r) => r.dataset.item)), at: at && at.dataset.item };
  });
  document.addEventListener('htmx:afterSettle', () => {
    if (!kept) return;
    rows().forEach((r) => { const pick = $('.pick', r); pick.checked = !pick.disabled && kept.chosen.has(r.dataset.item); });
    const row = rows().find((r) => r.dataset.item === kept.at);
    if (row && document.activeElement === document.body) opener(row).focus({ preventScroll: true });
    kept = null;
    count();
  });
  count();
})();
