// Fields beside the image: the place of the field that has the focus is shown,
// keys confirm and go on, and words of the image fill a field. Without it the
// page is a plain form.
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const form = $('#fields');
  const reader = $('.fields-desk');
  const viewer = $('.fields-desk .viewer');
  if (!form || !viewer) return;
  viewer.tabIndex = 0; // it scrolls
  viewer.setAttribute('role', 'group');
  viewer.setAttribute('aria-label', viewer.closest('section').getAttribute('aria-label'));
  const svgNS = 'http://www.w3.org/2000/svg';
  const control = (line) => $('input:not([type=hidden]), textarea, select', line);
  const lines = () => $$('.lines > .field', form);
  const hidden = (line, what) => form.elements[line.dataset.field + '.' + what];
  const say = (text) => { $('#said').textContent = text; };
  let at = null; // the line that has the focus, or had it last
  let sent = false;

  // --- the place on the image -----------------------------------------------
  function placeOf(line) {
    const text = line && line.dataset.field ? hidden(line, 'at').value : '';
    const n = text.split(' ').map(Number);
    return n.length === 5 && n.every(Number.isFinite) ? { page: n[0], x: n[1], y: n[2], w: n[3] - n[1], h: n[4] - n[2] } : null;
  }

  const sheetOf = (page) => $('#page-' + page, viewer);

  // show marks a place and brings it into view, large enough to be read.
  function show(place) {
    $$('.here', viewer).forEach((r) => r.remove());
    if (!place || !sheetOf(place.page)) return;
    const svg = $('svg', sheetOf(place.page));
    const box = svg.viewBox.baseVal;
    const air = Math.max(4, place.h * 0.25);
    const mark = document.createElementNS(svgNS, 'rect');
    const is = { class: 'here', x: place.x - air, y: place.y - air, width: place.w + 2 * air, height: place.h + 2 * air, rx: 6 };
    Object.keys(is).forEach((name) => mark.setAttribute(name, is[name]));
    svg.insertBefore(mark, $('.words', svg));
    const wide = viewer.clientWidth;
    const line = Math.min(place.h, box.height * 0.03) * wide / box.width; // height on the screen, not zoomed
    const zoom = Math.min(26 / Math.max(line, 1), 0.92 * box.width / Math.max(place.w + 2 * air, 1), 3);
    reader.style.setProperty('--zoom', Math.max(1, zoom).toFixed(2));
    const to = mark.getBoundingClientRect();
    const from = viewer.getBoundingClientRect();
    viewer.scrollLeft += to.left - from.left - Math.max(12, (viewer.clientWidth - to.width) / 2);
    viewer.scrollTop += to.top - from.top - Math.max(12, (viewer.clientHeight - to.height) / 3);
  }

  // A page that was not looked at yet comes when it is scrolled to; then the
  // place is marked again.
  document.addEventListener('htmx:afterSettle', () => show(placeOf(at)));

  // --- fields ---------------------------------------------------------------
  function enter(line) {
    if (at) at.classList.remove('at');
    at = line;
    line.classList.add('at');
    show(placeOf(line));
  }

  form.addEventListener('focusin', (e) => {
    const line = e.target.closest('.field');
    if (line && line !== at) enter(line);
  });

  function confirm(line) {
    line.classList.add('done');
    const sure = $('.sure .mark', line);
    if (sure && !$('.seen', line)) {
      const seen = document.createElement('span');
      seen.className = 'seen';
      seen.textContent = ' ✓ ' + form.dataset.seen;
      sure.after(seen);
    }
  }

  function next(line) {
    const all = lines();
    const i = all.indexOf(line);
    const to = [...all.slice(i + 1), ...all.slice(0, i)].find((l) => !l.classList.contains('done') && !('extra' in l.dataset));
    if (!to) return send();
    const input = control(to);
    input.focus();
    if (input.select) input.select();
  }

  function send() {
    if (!sent) form.requestSubmit($('[name=then][value=next]', form));
  }

  function restore(line) {
    const input = control(line);
    if (!line.dataset.field) return;
    input.value = input.dataset.was;
    hidden(line, 'at').value = input.dataset.wasAt;
    hidden(line, 'text').value = '';
    show(placeOf(line));
  }

  form.addEventListener('submit', (e) => {
    if (sent) e.preventDefault();
    sent = true;
  });
  addEventListener('pageshow', () => { sent = false; });

  document.addEventListener('keydown', (e) => {
    if (e.isComposing || e.altKey) return;
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
      e.preventDefault();
      if (!e.repeat) send();
      return;
    }
    const line = e.target.closest && e.target.closest('#fields .field');
    if (!line || e.target !== control(line) && e.target.tagName === 'BUTTON') return;
    if (e.key === 'Enter' && !e.shiftKey) {
      e.preventDefault();
      if (e.repeat) return; // a key that is held down confirms nothing more
      confirm(line);
      next(line);
    } else if (e.key === 'Escape') {
      restore(line);
    }
  });

  form.addEventListener('keypress', (e) => {
    if (e.key === 'Enter' && !e.target.matches('button, summary')) e.preventDefault();
  });

  // What is typed is no longer the text of the words that were there.
  form.addEventListener('input', (e) => {
    const line = e.target.closest('.field');
    if (line && line.dataset.field) hidden(line, 'text').value = '';
  });

  form.addEventListener('click', (e) => {
    const take = e.target.closest('[data-take]');
    if (!take) return;
    const input = control(take.closest('.field'));
    input.value = take.dataset.take;
    input.focus();
  });

  // --- words of the image ---------------------------------------------------
  // fit takes from the words what belongs into a field.
  function fit(name, text) {
    const parts = text.replace(/^\s*(số|no)\s*[:.]?\s*/i, '').match(/^([^/\s]*\d[^/\s]*)\s*\/\s*(.+)$/);
    if (name === 'codeNumber') return (parts ? parts[1] : text.replace(/^\s*(số|no)\s*[:.]?\s*/i, '')).replace(/[.,;:/]+$/, '');
    if (name === 'codeNotation') return (parts ? parts[2] : text.replace(/^\s*\//, '')).replace(/\s*-\s*/g, '-').replace(/[.,;:]+$/, '');
    if (name === 'issuedDate') {
      const day = text.match(/(\d{1,2})\D{1,12}(\d{1,2})\D{1,12}(\d{4})/);
      return day ? day[1].padStart(2, '0') + '/' + day[2].padStart(2, '0') + '/' + day[3] : text;
    }
    return text.replace(/^[\s:;,.-]+|[\s:;,-]+$/g, '');
  }

  // fill puts words into the field that has the focus, with their place.
  function fill(words) {
    const line = at && at.dataset.field ? at : lines()[0];
    if (words.length === 0 || !line) return;
    const sheet = words[0].closest('.sheet');
    const svg = $('svg', sheet);
    const back = svg.getScreenCTM().inverse();
    const corner = (x, y) => new DOMPoint(x, y).matrixTransform(back);
    const boxes = words.map((w) => w.getBoundingClientRect());
    const a = corner(Math.min(...boxes.map((b) => b.left)), Math.min(...boxes.map((b) => b.top)));
    const z = corner(Math.max(...boxes.map((b) => b.right)), Math.max(...boxes.map((b) => b.bottom)));
    const view = svg.viewBox.baseVal;
    const within = (v, most) => Math.min(Math.max(v, 0), most).toFixed(1);
    const text = words.map((w) => w.textContent).join(' ');
    const input = control(line);
    input.value = fit(line.dataset.field, text);
    hidden(line, 'text').value = text;
    hidden(line, 'at').value = [sheet.dataset.page, within(a.x, view.width), within(a.y, view.height), within(z.x, view.width), within(z.y, view.height)].join(' ');
    line.classList.remove('done');
    if (document.activeElement !== input) input.focus();
    show(placeOf(line));
    say(form.dataset.filled.replace('{}', input.value));
  }

  const under = (sheet, area) => $$('.words tspan', sheet).filter((w) => {
    const b = w.getBoundingClientRect();
    const x = Math.min(b.right, area.right) - Math.max(b.left, area.left);
    const y = Math.min(b.bottom, area.bottom) - Math.max(b.top, area.top);
    return x > Math.min(b.width * 0.3, 8) && y > b.height * 0.3;
  });
  const wordAt = (sheet, x, y) => $$('.words tspan', sheet).filter((w) => {
    const b = w.getBoundingClientRect();
    return b.left <= x && x <= b.right && b.top <= y && y <= b.bottom;
  }).slice(0, 1);

  let drag = null;
  let tapped = []; // words that a finger chose, one by one
  const area = (e) => ({ left: Math.min(drag.x, e.clientX), right: Math.max(drag.x, e.clientX), top: Math.min(drag.y, e.clientY), bottom: Math.max(drag.y, e.clientY) });

  viewer.addEventListener('mousedown', (e) => { if (e.target.closest('svg')) e.preventDefault(); }); // the field keeps the focus
  viewer.addEventListener('pointerdown', (e) => {
    const sheet = e.target.closest('.sheet');
    if (e.pointerType === 'touch' || e.button !== 0 || !sheet || !e.target.closest('svg')) return;
    const band = document.createElement('div');
    band.className = 'band';
    document.body.append(band);
    drag = { sheet, band, x: e.clientX, y: e.clientY };
    viewer.setPointerCapture(e.pointerId);
  });
  viewer.addEventListener('pointermove', (e) => {
    if (!drag) return;
    const a = area(e);
    Object.assign(drag.band.style, { left: a.left + 'px', top: a.top + 'px', width: (a.right - a.left) + 'px', height: (a.bottom - a.top) + 'px' });
  });
  viewer.addEventListener('pointerup', (e) => {
    if (!drag) return;
    const a = area(e);
    const words = a.right - a.left < 4 && a.bottom - a.top < 4 ? wordAt(drag.sheet, e.clientX, e.clientY) : under(drag.sheet, a);
    drag.band.remove();
    drag = null;
    fill(words);
  });
  viewer.addEventListener('pointercancel', () => {
    if (drag) drag.band.remove();
    drag = null;
  });
  // A finger scrolls by dragging; it chooses words by taps, each more one.
  viewer.addEventListener('click', (e) => {
    const sheet = e.target.closest('.sheet');
    if (e.pointerType !== 'touch' || !sheet) return;
    const [word] = wordAt(sheet, e.clientX, e.clientY);
    if (!word) return;
    if (tapped.line !== at || tapped.some((w) => w.closest('.sheet') !== sheet)) tapped = [];
    tapped.line = at;
    tapped = Object.assign($$('.words tspan', sheet).filter((w) => w === word || tapped.includes(w)), { line: at });
    fill([...tapped]);
  });

  // --- begin ----------------------------------------------------------------
  // On a phone the keyboard would hide the image, so nothing has the focus.
  if (!matchMedia('(hover: none) and (pointer: coarse)').matches) {
    const first = control(lines()[0]);
    first.focus({ preventScroll: true });
    if (first.select) first.select();
  } else {
    enter(lines()[0]);
  }
  addEventListener('load', () => { if (reader.dataset.ahead) new Image().src = reader.dataset.ahead; });
})();
