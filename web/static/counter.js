// The counter of a clerk: scans are dropped on a dossier or on one of its
// papers, pasted, picked or taken with a camera; keys go through the list.
(() => {
  'use strict';
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = (text) => { $('#said').textContent = text; };
  document.body.classList.add('scripted');

  // --- upload ---------------------------------------------------------------
  // A file is sent again by itself when the connection fails, and then by a
  // button. That is safe: the server answers the same bytes with the same
  // document.
  const drop = $('#drop');
  const atOnce = 2;
  const patience = [1000, 4000]; // before a file is sent again
  const queue = [];
  let running = 0;
  let unsent = 0;

  function enqueue(files, requirement) {
    const expected = $('#expected');
    if (expected.value && !expected.checkValidity()) return expected.reportValidity();
    for (const file of files) {
      const item = document.createElement('li');
      const name = document.createElement('bdi');
      name.textContent = file.name;
      const note = document.createElement('span');
      item.append(name, note);
      $('#uploads').append(item);
      queue.push({ file, item, note, requirement, expected: expected.value, hold: $('#hold').checked, tries: 0 });
      unsent++;
      wait(queue.at(-1));
    }
    expected.value = ''; // the next paper is counted anew
    next();
  }

  function wait(job) {
    job.item.className = '';
    job.note.className = 'dim';
    job.note.textContent = drop.dataset.waiting;
    job.bar = document.createElement('progress');
    job.bar.max = 1;
    job.bar.value = 0;
    job.bar.setAttribute('aria-label', job.file.name);
    job.note.before(job.bar);
  }

  function next() {
    while (running < atOnce && queue.length > 0) {
      running++;
      send(queue.shift());
    }
  }

  function send(job) {
    const asked = new URLSearchParams({ name: job.file.name });
    if (job.requirement) asked.set('requirement', job.requirement);
    if (job.expected) asked.set('expected', job.expected);
    if (job.hold) asked.set('hold', 'true');
    const request = new XMLHttpRequest();
    request.open('POST', drop.dataset.url + '?' + asked);
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
    if ((status === 0 || status >= 502 && status <= 504) && job.tries < patience.length) {
      setTimeout(() => send(job), patience[job.tries++]);
      return;
    }
    running--;
    next();
    job.bar.remove();
    if (status === 202 || status === 200) {
      unsent--;
      job.item.className = 'sent';
      job.note.textContent = status === 202 ? drop.dataset.sent : drop.dataset.existing;
      ['#documents', '#papers'].forEach(renew);
    } else {
      failed(job, detail(body) || drop.dataset.failed);
    }
    say(job.file.name + ': ' + job.note.textContent);
  }

  function failed(job, why) {
    job.item.className = 'failed';
    job.note.className = 'bad';
    job.note.textContent = why;
    const again = document.createElement('button');
    again.type = 'button';
    again.textContent = drop.dataset.again;
    again.addEventListener('click', () => {
      again.remove();
      job.tries = 0;
      wait(job);
      queue.push(job);
      next();
    });
    job.item.append(again);
  }

  function detail(body) {
    try { return JSON.parse(body).detail; } catch { return ''; }
  }

  // renew asks for a part of the page again, once for all that came together.
  const renewed = new Set();
  function renew(part) {
    if (renewed.has(part)) return;
    renewed.add(part);
    setTimeout(() => {
      renewed.delete(part);
      if ($(part)) htmx.trigger($(part), 'changed');
    }, 200);
  }

  // What stands in the way of files is told beside the papers.
  function tell(text) {
    const told = document.createElement('li');
    told.className = 'failed';
    told.textContent = text;
    $('#uploads').append(told);
    told.scrollIntoView({ block: 'nearest' });
    say(text);
  }

  function take(files, row) {
    if (files.length === 0) return;
    if (row && row.dataset.look) return tell(row.dataset.look);
    const anyway = $('#anyway');
    if (!row && anyway && !anyway.open) return tell(drop.dataset.look);
    enqueue(files, row ? row.dataset.paper : '');
  }

  if (drop) {
    const over = () => $$('.over').forEach((e) => e.classList.remove('over'));
    const row = (e) => (e.target.closest ? e.target.closest('[data-paper]') : null);
    const files = (e) => e.dataTransfer && [...e.dataTransfer.types].includes('Files');
    document.addEventListener('dragover', (e) => {
      if (!files(e)) return;
      e.preventDefault();
      over();
      (row(e) || drop).classList.add('over');
    });
    document.addEventListener('dragleave', (e) => { if (!e.relatedTarget) over(); });
    document.addEventListener('drop', (e) => {
      if (!files(e)) return;
      e.preventDefault();
      over();
      take([...e.dataTransfer.files], row(e));
    });
    document.addEventListener('paste', (e) => {
      if (e.clipboardData && e.clipboardData.files.length > 0) take([...e.clipboardData.files], null);
    });
    document.addEventListener('change', (e) => {
      if (!e.target.matches('#pick, #camera, [data-pick]')) return;
      take([...e.target.files], e.target.closest('[data-paper]'));
      e.target.value = '';
    });
    drop.addEventListener('submit', (e) => e.preventDefault());
    addEventListener('beforeunload', (e) => { if (unsent > 0) e.preventDefault(); });
    const hold = $('#hold');
    hold.checked = localStorage.getItem('hold') === 'true';
    hold.addEventListener('change', () => localStorage.setItem('hold', hold.checked));
  }

  // A document that became a paper, or is none any more, changes the papers.
  document.addEventListener('htmx:afterRequest', (e) => {
    const path = e.detail.pathInfo ? e.detail.pathInfo.requestPath : '';
    if (e.detail.successful && /\/(requirement|expected|blank)$/.test(path)) renew('#papers');
  });

  // --- a new dossier --------------------------------------------------------
  // Enter, which a barcode scanner sends too, goes to the next field.
  const form = $('[data-steps]');
  if (form) {
    const steps = ['code', 'procedure', 'person'].map((name) => form.elements[name]);
    let moved = false; // the same stroke must not send the form from there
    form.addEventListener('keydown', (e) => {
      const at = steps.indexOf(e.target);
      moved = e.key === 'Enter' && !e.isComposing && at >= 0 && at < steps.length - 1;
      if (!moved) return;
      e.preventDefault();
      steps[at + 1].focus();
      steps[at + 1].select();
    });
    form.addEventListener('keypress', (e) => { if (moved && e.key === 'Enter') e.preventDefault(); });
    if ($('#new .error')) steps[0].focus();
  }

  // --- keys -----------------------------------------------------------------
  // j and k press the buttons that go through the lists (keys.js); arrows do
  // where the focus is in a list already.
  const links = () => $$('[data-list] td:first-child a, #dossiers > .docs .doc-name > a, #documents .doc-name > a');
  function move(by) {
    const all = links();
    const at = all.indexOf(document.activeElement);
    const to = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))];
    if (to) to.focus();
  }
  $$('[data-move]').forEach((b) => b.addEventListener('click', () => move(Number(b.dataset.move))));
  document.addEventListener('keydown', (e) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!by || e.altKey || e.ctrlKey || e.metaKey || !links().includes(document.activeElement)) return;
    e.preventDefault();
    move(by);
  });
})();
