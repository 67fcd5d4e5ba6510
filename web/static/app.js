// What pages do beyond links and forms: upload with progress, follow the
// state of documents, zoom. Everything else is plain HTML and htmx.
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = (text) => { $('#said').textContent = text; };

  // --- live state -----------------------------------------------------------
  // Each element that shows a document asks for itself again when an event
  // names the document; at most every 300 ms, and once more after the last.
  const waiting = new Map();
  function refresh(element, after = 300) {
    if (!element || waiting.has(element)) return;
    waiting.set(element, setTimeout(() => {
      waiting.delete(element);
      // A decision that somebody is typing is not taken away; the server checks it.
      if (!element.isConnected || element.querySelector('.life details[open]')) return;
      if (element.querySelector('.row-tools :focus, .omit details[open]')) refresh(element, 2000);
      else htmx.trigger(element, 'changed');
    }, after));
  }

  // Pages come anew when there are others, or when all are read; until then
  // only those that are looked at and were not read yet.
  function turn(sheets, doc) {
    if (sheets.dataset.pages !== String(doc.pages) || doc.pagesRead >= doc.pages) {
      refresh(sheets);
      return;
    }
    $$('[data-unread]', sheets).filter((e) => {
      const box = e.getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight;
    }).forEach(refresh);
  }

  // Pages that are put in order come anew when somebody else changed them.
  function settle(desk, doc) {
    const is = desk.dataset;
    if (is.version !== String(doc.arrangement || 0) || is.state !== doc.state || is.held !== String(!!doc.held) || doc.state === 'reading') refresh(desk);
  }

  // Browsers open few connections to one server, so a tab that nobody sees
  // does not hold one; when it is seen again it catches up.
  function follow(query, since) {
    let source = listen(query, since);
    document.addEventListener('visibilitychange', () => {
      source.close();
      if (document.hidden) return;
      source = listen(query);
      $$('[data-doc], #documents, #set-head').forEach(refresh);
    });
    addEventListener('pagehide', () => source.close());
  }

  // since is the entry of the journal as of which the page was made: what
  // happened until the stream begins is told too.
  function listen(query, since) {
    const asked = new URLSearchParams(query);
    if (since) asked.set('after', since);
    const source = new EventSource('/api/v1/events?' + asked);
    source.addEventListener('document', (event) => {
      const doc = JSON.parse(event.data);
      const shown = $$('[data-doc]').filter((e) => e.dataset.doc === doc.id);
      shown.forEach((e) => (e.id === 'sheets' ? turn(e, doc) : e.id === 'desk' ? settle(e, doc) : refresh(e)));
      if (shown.length > 0) refresh($('#set-head'));
      refresh($('#papers'));
      if (doc.state === 'kept') refresh($('#dossier-acts')); // it can be signed, confirmed and given
      const list = $('#documents');
      if (list && (shown.length === 0 || doc.state === 'parked' && !shown.some((e) => list.contains(e)))) refresh(list);
    });
    return source;
  }
  if (document.body.dataset.live) follow(document.body.dataset.live, document.body.dataset.since);

  // --- suggestions ----------------------------------------------------------
  // A combobox with a list (ARIA authoring practices 1.2): what is typed is
  // completed by the server; arrows choose, Enter searches, Esc closes.
  function combobox(input) {
    const list = document.createElement('ul');
    list.className = 'options';
    list.id = input.id + '-options';
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', input.getAttribute('aria-label') || (input.labels[0] ? input.labels[0].textContent.trim() : ''));
    list.hidden = true;
    input.after(list);
    const is = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id };
    Object.keys(is).forEach((name) => input.setAttribute(name, is[name]));
    let at = -1; // the option that is chosen
    let typed = ''; // what was typed before one was
    let asked = null; // the request under way
    let pause = 0;
    const options = () => $$('[role=option]', list);

    function close() {
      clearTimeout(pause);
      if (asked) asked.abort();
      list.hidden = true;
      at = -1;
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    }

    function choose(i) {
      const all = options();
      at = i;
      all.forEach((o, n) => o.setAttribute('aria-selected', String(n === at)));
      input.value = at < 0 ? typed : all[at].dataset.text;
      if (at < 0) input.removeAttribute('aria-activedescendant');
      else {
        input.setAttribute('aria-activedescendant', all[at].id);
        all[at].scrollIntoView({ block: 'nearest' });
      }
    }

    async function ask() {
      if (asked) asked.abort();
      asked = new AbortController();
      const purpose = input.form.elements.purpose;
      const query = new URLSearchParams({ q: input.value });
      if (purpose && purpose.value) query.set('purpose', purpose.value);
      try {
        const answer = await fetch(input.dataset.suggest, { method: 'POST', body: query, signal: asked.signal, headers: { 'HX-Request': 'true' } });
        if (!answer.ok) return close();
        list.replaceChildren(...await sohoa.nodes(answer));
      } catch { return; }
      options().forEach((o) => { o.id = list.id + '-' + o.id; });
      at = -1;
      typed = input.value;
      list.hidden = options().length === 0;
      input.setAttribute('aria-expanded', String(!list.hidden));
      input.removeAttribute('aria-activedescendant');
    }

    input.addEventListener('input', () => {
      clearTimeout(pause);
      if (input.value.trim().length < 2) return close();
      pause = setTimeout(ask, 200);
    });
    input.addEventListener('keydown', (e) => {
      if (e.isComposing) return;
      const n = options().length;
      if (e.key === 'Escape' && !list.hidden) {
        e.preventDefault();
        choose(-1);
        close();
      } else if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && !list.hidden && n > 0) {
        e.preventDefault();
        choose(e.key === 'ArrowDown' ? (at + 2) % (n + 1) - 1 : (at + n + 1) % (n + 1) - 1);
      } else if (e.key === 'ArrowDown' && list.hidden && input.value.trim().length >= 2) {
        e.preventDefault();
        ask();
      } else if (e.key === 'Enter') {
        close();
      }
    });
    input.addEventListener('blur', () => setTimeout(close, 150));
    list.addEventListener('mousedown', (e) => e.preventDefault());
    list.addEventListener('click', (e) => {
      const option = e.target.closest('[role=option]');
      if (!option) return;
      input.value = option.dataset.text;
      close();
      if ('stay' in input.dataset) input.focus();
      else input.form.requestSubmit();
    });
  }
  $$('[data-suggest]').forEach(combobox);

  // On a narrow window the ways to narrow the results begin closed.
  if (innerWidth <= 900) $$('[data-narrow]').forEach((d) => { d.open = false; });

  // --- dropping files -------------------------------------------------------
  function detail(body) {
    try { return JSON.parse(body).detail; } catch { return ''; }
  }

  function droppable(form, take) {
    if (!form) return;
    const over = (on) => (e) => { e.preventDefault(); form.classList.toggle('over', on); };
    form.addEventListener('dragover', over(true));
    form.addEventListener('dragleave', over(false));
    form.addEventListener('drop', (e) => { over(false)(e); take(e.dataTransfer.files); });
  }

  // --- signature check ------------------------------------------------------
  const check = $('#check');
  droppable(check, (files) => {
    const one = new DataTransfer();
    if (files.length > 0) one.items.add(files[0]);
    $('#pdf').files = one.files;
    if (one.files.length > 0) check.requestSubmit();
  });
  if (check) {
    // The revision that a signature covers is cut from the file in the
    // browser: the server did not keep it.
    let checked = null;
    $('#pdf').addEventListener('change', (e) => { if (e.target.files.length > 0) check.requestSubmit(); });
    check.addEventListener('submit', () => { checked = $('#pdf').files[0]; });
    document.addEventListener('htmx:afterSwap', () => $$('[data-cut]').forEach((b) => { b.hidden = false; }));
    ['htmx:responseError', 'htmx:sendError'].forEach((name) => check.addEventListener(name, (e) => {
      tell($('#result'), detail(e.detail.xhr && e.detail.xhr.responseText) || check.dataset.failed);
    }));
    document.addEventListener('click', (e) => {
      const button = e.target.closest('[data-cut]');
      if (!button) return;
      if (!checked || checked.size !== Number($('#report').dataset.size)) return tell($('#result'), button.dataset.gone);
      save(checked.slice(0, Number(button.dataset.cut), 'application/pdf'), button.dataset.name);
    });
  }

  // tell shows what went wrong at the top of a part of the page.
  function tell(part, text) {
    const told = document.createElement('p');
    told.className = 'error';
    told.setAttribute('role', 'alert');
    told.textContent = text;
    part.prepend(told);
  }

  function save(blob, name) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // --- reading --------------------------------------------------------------
  // Zoom is kept on the element around the pages, which parts of the page
  // that come anew stand in.
  const reader = $('.reader');
  const steps = [1, 1.25, 1.5, 2, 3];
  let step = 0;
  function zoom(how) {
    step = how === 'fit' ? 0 : Math.max(0, Math.min(steps.length - 1, step + (how === 'in' ? 1 : -1)));
    reader.style.setProperty('--zoom', steps[step]);
  }
  if (reader) {
    $$('[data-zoom]').forEach((b) => {
      b.dataset.shortcut = { in: '+', out: '-', fit: '0' }[b.dataset.zoom];
      b.addEventListener('click', () => zoom(b.dataset.zoom));
    });
    $$('[data-toggle]').forEach((b) => b.addEventListener('click', () => {
      const on = reader.classList.toggle(b.dataset.toggle);
      b.setAttribute('aria-pressed', String(on));
    }));
  }

  // --- arranging pages ------------------------------------------------------
  // Every operation is a button of the form that #desk holds, and #desk comes
  // anew with the answer. Keys and dragging press these buttons.
  const boxes = () => $$('#desk .tiles input[name=page]');
  const placed = () => boxes().filter((b) => !b.closest('.dropped'));
  let last = null; // the page that a range begins at
  let passing = null; // the page that was chosen for one operation only
  let place = -1; // where the focus was
  let busy = false; // an operation is under way
  const typed = []; // keys pressed meanwhile

  function press(button) {
    const at = document.activeElement;
    if (!button || button.disabled) return;
    place = boxes().indexOf(at);
    if (place >= 0 && !at.checked && button.value !== 'undo' && !placed().some((b) => b.checked)) {
      at.checked = true;
      passing = at.value;
    }
    button.click();
  }

  function range(to) {
    const all = boxes();
    const from = all.findIndex((b) => b.value === last);
    const end = all.indexOf(to);
    if (from < 0) return;
    all.slice(Math.min(from, end), Math.max(from, end) + 1).forEach((b) => { b.checked = true; });
  }

  // The page beside the focused one, or above or below it.
  function beside(box, key) {
    const all = boxes();
    const i = all.indexOf(box);
    if (key === 'ArrowLeft') return all[i - 1];
    if (key === 'ArrowRight') return all[i + 1];
    const here = box.closest('.tile').getBoundingClientRect();
    const column = all.filter((b) => Math.abs(b.closest('.tile').getBoundingClientRect().left - here.left) < here.width / 2);
    return column[column.indexOf(box) + (key === 'ArrowUp' ? -1 : 1)];
  }

  const keyed = (name) => $('#desk [data-key="' + CSS.escape(name) + '"]');

  // What is new on the page takes part when it has settled; until then keys
  // wait, and no form is sent.
  function settled() {
    const all = boxes();
    if (passing) all.filter((b) => b.value === passing).forEach((b) => { b.checked = false; });
    passing = null;
    if (place >= 0 && document.activeElement === document.body && all.length > 0) all[Math.min(place, all.length - 1)].focus();
    place = -1;
    busy = false;
    if (typed.length > 0) press(keyed(typed.shift()));
  }

  function failed() {
    busy = false;
    typed.length = 0;
    tell($('#desk'), $('#desk').dataset.failed);
  }

  function keys(e) {
    const on = e.target.matches('.tiles input');
    if (!$('#desk .tiles') || !on && e.target.matches('input, textarea, select') || e.ctrlKey || e.metaKey) return;
    const name = (e.altKey ? 'Alt+' : '') + (e.key === 'Backspace' ? 'Delete' : e.key);
    if (keyed(name)) {
      e.preventDefault();
      if (busy) typed.push(name); else press(keyed(name));
    } else if (e.key === 'a' && !e.altKey) {
      $('#desk [data-all]').click();
    } else if (e.key === 'b' && !e.altKey) {
      $('#desk [data-blanks]').click();
    } else if (on && e.key === 'Enter') {
      e.preventDefault();
      e.target.click();
    } else if (on && e.key.startsWith('Arrow') && !e.altKey) {
      e.preventDefault();
      const next = beside(e.target, e.key);
      if (!next) return;
      if (e.shiftKey) e.target.checked = next.checked = true;
      next.focus();
    }
  }

  function dragging() {
    let over = null;
    const mark = (tile, after) => {
      if (over) over.classList.remove('before', 'after');
      over = tile;
      if (tile) tile.classList.add(after ? 'after' : 'before');
    };
    const behind = (tile, e) => { const r = tile.getBoundingClientRect(); return e.clientX > r.left + r.width / 2; };
    document.addEventListener('dragstart', (e) => {
      const tile = e.target.closest && e.target.closest('.tile[draggable]');
      if (!tile) return;
      const box = $('input', tile);
      if (!box.checked) {
        boxes().forEach((b) => { b.checked = false; });
        box.checked = true;
        passing = box.value;
      }
      e.dataTransfer.effectAllowed = 'move';
      e.dataTransfer.setData('text/plain', box.value);
    });
    document.addEventListener('dragover', (e) => {
      const tile = e.target.closest && e.target.closest('#desk .tile[draggable]');
      if (tile) { e.preventDefault(); mark(tile, behind(tile, e)); } else mark(null);
    });
    document.addEventListener('drop', (e) => {
      const tile = e.target.closest && e.target.closest('#desk .tile[draggable]');
      mark(null);
      if (!tile || !placed().some((b) => b.checked)) return;
      e.preventDefault();
      let next = tile;
      if (behind(tile, e)) next = tile.nextElementSibling;
      while (next && $('input', next).checked) next = next.nextElementSibling;
      $('#desk input[name=before]').value = next ? next.dataset.page : '';
      $('#desk [value=place]').click();
    });
    document.addEventListener('dragend', () => mark(null));
  }

  // A better scan is a document of its own, held; once it is read, its pages
  // take the place of the chosen one.
  async function replace(input) {
    const line = input.closest('#replace');
    const is = { ...line.dataset };
    const note = (text) => { const n = $('#replace span'); if (n) n.textContent = text; say(text); };
    const chosen = placed().filter((b) => b.checked);
    const file = input.files[0];
    input.value = '';
    if (!file) return;
    if (chosen.length !== 1) return note(is.choose);
    const page = chosen[0].value;
    try {
      note(is.sending);
      const answer = await fetch(is.url + '?hold=true&name=' + encodeURIComponent(file.name), { method: 'POST', body: file });
      let doc = await answer.json();
      if (!answer.ok) return note(doc.detail || is.failed);
      note(is.reading);
      while (doc.state === 'accepted' || doc.state === 'reading') {
        await new Promise((done) => setTimeout(done, 500));
        doc = await (await fetch('/api/v1/documents/' + doc.id)).json();
      }
      if (doc.message) return note(doc.message);
      const values = { version: $('#desk').dataset.version, op: 'replace', page, other: doc.id };
      await htmx.ajax('POST', $('#desk form').getAttribute('action'), { source: '#desk form', target: '#desk', swap: 'outerHTML', values });
    } catch { note(is.failed); }
  }

  if ($('#desk')) {
    document.addEventListener('keydown', keys);
    document.addEventListener('change', (e) => { if (e.target.id === 'better') replace(e.target); });
    document.addEventListener('click', (e) => {
      if (e.target.matches('#desk [data-all]')) {
        const on = placed().some((b) => !b.checked);
        placed().forEach((b) => { b.checked = on; });
      }
      if (e.target.matches('#desk [data-blanks]')) {
        placed().forEach((b) => { b.checked = b.closest('.tile').matches('[data-blank]'); });
      }
      if (!e.target.matches('.tiles input')) return;
      if (e.shiftKey) range(e.target);
      last = e.target.value;
    });
    document.addEventListener('submit', (e) => { if (busy) e.preventDefault(); }, true);
    document.addEventListener('htmx:beforeRequest', () => { busy = true; });
    document.addEventListener('htmx:afterSettle', settled);
    ['htmx:responseError', 'htmx:sendError'].forEach((name) => document.addEventListener(name, failed));
    dragging();
  }

  $$('[data-select]').forEach((e) => e.addEventListener('focus', () => e.select()));
})();
