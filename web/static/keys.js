// Keyboard shortcuts and the menu of every page. An element with
// data-shortcut="n" is clicked, or focused if it is a field, by that key while
// nothing is being typed. The dialog behind "?" lists those of the page, and
// switches the ones of a single character off (WCAG 2.2, 2.1.4).
(() => {
  'use strict';
  const dialog = document.getElementById('keys');
  const fields = 'textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=file])';
  const typing = (e) => e.isComposing || !!(e.target.closest && e.target.closest(fields));
  const off = () => localStorage.getItem('keys') === 'off';
  const seen = (e) => e.getClientRects().length > 0 && !e.disabled;
  const within = () => document.querySelector('dialog[open]') || document;
  const named = (e) => (e.altKey ? 'Alt+' : '') + (e.ctrlKey ? 'Ctrl+' : '') + e.key;

  function says(e) {
    const label = e.dataset.shortcutLabel || e.getAttribute('aria-label') || (e.labels && e.labels[0] && e.labels[0].textContent) || e.textContent || e.title;
    return label.trim().replace(/\s+/g, ' ');
  }

  function press(e) {
    if (e.matches(fields)) {
      e.focus();
      if (e.select) e.select();
    } else e.click();
  }

  function show() {
    const rows = new Map();
    for (const e of document.querySelectorAll('[data-shortcut], [data-key]')) {
      const key = e.dataset.shortcut || e.dataset.key;
      if (e.closest('#keys') || rows.has(key) || !(seen(e) || 'shortcutAlways' in e.dataset)) continue;
      const row = document.createElement('tr');
      const cap = document.createElement('kbd');
      const does = document.createElement('td');
      cap.textContent = key === ' ' ? 'Space' : key;
      does.textContent = says(e);
      row.append(document.createElement('td'), does);
      row.firstChild.append(cap);
      rows.set(key, row);
    }
    dialog.querySelector('tbody').replaceChildren(...rows.values());
    dialog.showModal();
  }

  // Character keys that a script of its own handles ask this first.
  document.addEventListener('keydown', (e) => {
    if (off() && e.key.length === 1 && e.key !== ' ' && !e.ctrlKey && !e.altKey && !e.metaKey && !typing(e)) e.stopImmediatePropagation();
  }, true);

  document.addEventListener('keydown', (e) => {
    if (e.defaultPrevented || e.metaKey || typing(e)) return;
    const key = named(e);
    const found = [...within().querySelectorAll('[data-shortcut]')].find((one) => one.dataset.shortcut === key && (seen(one) || 'shortcutAlways' in one.dataset));
    if (!found) return;
    e.preventDefault();
    press(found);
  });

  if (dialog) {
    const box = dialog.querySelector('[data-keys-off]');
    box.checked = off();
    box.addEventListener('change', () => localStorage.setItem('keys', box.checked ? 'off' : 'on'));
    document.querySelectorAll('[data-keys-open]').forEach((b) => {
      b.hidden = false;
      b.addEventListener('click', () => { if (!dialog.open) show(); });
    });
  }

  // What is wider than its place is scrolled with the keyboard too.
  const wide = () => document.querySelectorAll('.scroll').forEach((e) => { if (e.scrollWidth > e.clientWidth) e.tabIndex = 0; });
  wide();
  addEventListener('resize', wide);

  // A menu closes by Esc, by a click elsewhere, and when the focus leaves it.
  document.querySelectorAll('details.menu').forEach((menu) => {
    menu.addEventListener('keydown', (e) => {
      if (e.key !== 'Escape' || !menu.open) return;
      menu.open = false;
      menu.querySelector('summary').focus();
    });
    document.addEventListener('click', (e) => { if (!menu.contains(e.target)) menu.open = false; });
    menu.addEventListener('focusout', (e) => { if (e.relatedTarget && !menu.contains(e.relatedTarget)) menu.open = false; });
  });
})();
