// A screen that many people use one after the other goes back to its start
// when nobody touches it, so that nothing stays on it. It says so before, and
// one touch is enough to stay (WCAG 2.2.1).
(() => {
  'use strict';
  const note = document.getElementById('kiosk');
  if (!note) return;
  let timer = 0;
  const leave = () => location.replace('/');
  function again() {
    clearTimeout(timer);
    note.hidden = true;
    const after = Number(note.dataset.after) * 1000;
    const warn = Number(note.dataset.warn) * 1000;
    timer = setTimeout(() => {
      note.hidden = false;
      timer = setTimeout(leave, warn);
    }, Math.max(after - warn, 0));
  }
  ['pointerdown', 'keydown', 'input', 'scroll'].forEach((name) => addEventListener(name, again, { passive: true, capture: true }));
  // What the browser kept of a page that was left is not shown again.
  addEventListener('pageshow', (e) => { if (e.persisted) leave(); });
  again();
})();
