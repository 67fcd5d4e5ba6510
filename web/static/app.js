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
  function refresh(element) {
    if (!element || waiting.has(element)) return;
    waiting.set(element, setTimeout(() => {
      waiting.delete(element);
      if (element.isConnected) htmx.trigger(element, 'changed');
    }, 300));
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

  // Browsers open few connections to one server, so a tab that nobody sees
  // does not hold one; when it is seen again it catches up.
  function follow(query) {
    let source = listen(query);
    document.addEventListener('visibilitychange', () => {
      source.close();
      if (document.hidden) return;
      source = listen(query);
      $$('[data-doc], #documents').forEach(refresh);
    });
    addEventListener('pagehide', () => source.close());
  }

  function listen(query) {
    const source = new EventSource('/api/v1/events' + (query === '?' ? '' : query));
    source.addEventListener('document', (event) => {
      const doc = JSON.parse(event.data);
      const shown = $$('[data-doc]').filter((e) => e.dataset.doc === doc.id);
      shown.forEach((e) => (e.id === 'sheets' ? turn(e, doc) : refresh(e)));
      const list = $('#documents');
      if (list && (shown.length === 0 || doc.state === 'parked' && !shown.some((e) => list.contains(e)))) refresh(list);
    });
    return source;
  }
  if (document.body.dataset.live) follow(document.body.dataset.live);

  // --- upload ---------------------------------------------------------------
  const drop = $('#drop');
  const atOnce = 2;
  const queue = [];
  let running = 0;

  function enqueue(files) {
    for (const file of files) {
      const item = document.createElement('li');
      const name = document.createElement('bdi');
      const bar = document.createElement('progress');
      const note = document.createElement('span');
      name.textContent = file.name;
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute('aria-label', file.name);
      note.className = 'dim';
      note.textContent = drop.dataset.waiting;
      item.append(name, bar, note);
      $('#uploads').append(item);
      queue.push({ file, item, bar, note });
    }
    next();
  }

  function next() {
    while (running < atOnce && queue.length > 0) {
      running++;
      send(queue.shift());
    }
  }

  function send(job) {
    const request = new XMLHttpRequest();
    request.open('POST', drop.dataset.url + '?name=' + encodeURIComponent(job.file.name));
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = (e) => {
      if (!e.lengthComputable) return;
      job.bar.value = e.loaded / e.total;
      job.note.textContent = Math.floor(100 * e.loaded / e.total) + ' %';
    };
    request.onload = () => done(job, request.status, request.responseText);
    request.onerror = () => done(job, 0, '');
    request.send(job.file);
  }

  function done(job, status, body) {
    running--;
    next();
    job.bar.remove();
    if (status === 202 || status === 200) {
      job.item.className = 'sent';
      job.note.textContent = status === 202 ? drop.dataset.sent : drop.dataset.existing;
      refresh($('#documents'));
    } else {
      job.item.className = 'failed';
      job.note.className = 'bad';
      job.note.textContent = detail(body) || drop.dataset.failed;
    }
    say(job.file.name + ': ' + job.note.textContent);
  }

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

  droppable(drop, enqueue);
  if (drop) {
    $('#pick').addEventListener('change', (e) => { enqueue(e.target.files); e.target.value = ''; });
    drop.addEventListener('submit', (e) => e.preventDefault());
  }

  // --- signature check ------------------------------------------------------
  const check = $('#check');
  droppable(check, (files) => {
    const one = new DataTransfer();
    if (files.length > 0) one.items.add(files[0]);
    $('#pdf').files = one.files;
    if (one.files.length > 0) check.requestSubmit();
  });
  if (check) $('#pdf').addEventListener('change', (e) => { if (e.target.files.length > 0) check.requestSubmit(); });

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
    $$('[data-zoom]').forEach((b) => b.addEventListener('click', () => zoom(b.dataset.zoom)));
    $$('[data-toggle]').forEach((b) => b.addEventListener('click', () => {
      const on = reader.classList.toggle(b.dataset.toggle);
      b.setAttribute('aria-pressed', String(on));
    }));
    document.addEventListener('keydown', (e) => {
      if (e.target.matches('input, textarea, select') || e.ctrlKey || e.metaKey || e.altKey) return;
      if (e.key === '+') zoom('in');
      if (e.key === '-') zoom('out');
      if (e.key === '0') zoom('fit');
    });
  }

  $$('[data-select]').forEach((e) => e.addEventListener('focus', () => e.select()));
})();
