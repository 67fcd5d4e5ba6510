// What the pages do where people sign: follow a set while it is signed, choose
// documents, hand them to the tool beside the signer's token, and place a mark
// by dragging. Everything else is plain HTML and htmx.
(() => {
  'use strict';
  const $ = (selector, from = document) => from && from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  // --- a set ----------------------------------------------------------------
  // The head of a set says of each document what it waits for; rows that show
  // something else come anew.
  const picks = () => $$('#items .pick');
  const chosen = () => picks().filter((p) => p.checked);

  function compare(head) {
    for (const one of head.dataset.states.trim().split(' ')) {
      const row = document.getElementById(one.slice(0, 26));
      if (row && row.dataset.version !== one.slice(27)) htmx.trigger(row, 'changed');
    }
  }

  function count() {
    const text = $('#picked');
    if (!text) return;
    text.textContent = chosen().length + ' ' + text.dataset.text;
    $('[data-for-mine]').hidden = !picks().some((p) => 'mine' in p.dataset);
  }

  if ($('#items')) {
    count();
    document.addEventListener('change', (e) => { if (e.target.matches('.pick')) count(); });
    // A box that was ticked while its row came anew stays ticked.
    const ticked = new Map();
    const row = (e) => e.detail.target && e.detail.target.closest('#items > li');
    document.addEventListener('htmx:beforeSwap', (e) => { if (row(e)) ticked.set(row(e).id, !!$('.pick:checked', row(e))); });
    document.addEventListener('htmx:afterSettle', () => {
      ticked.forEach((on, id) => {
        const pick = $('.pick[data-mine]', document.getElementById(id));
        if (pick) pick.checked = on;
      });
      ticked.clear();
      compare($('#set-head'));
      count();
    });
    $$('[data-pick]').forEach((b) => b.addEventListener('click', () => {
      picks().forEach((p) => { p.checked = b.dataset.pick === 'mine' && 'mine' in p.dataset; });
      count();
    }));
  }

  // --- signers of a new set -------------------------------------------------
  const signers = $('#signers');
  if (signers) {
    const spare = () => $$('[data-spare]', signers);
    const add = $('#add-signer');
    const more = (row) => { $('[data-more]', row).hidden = !['copy', 'attachment'].includes($('select', row).value); };
    const show = () => { spare().forEach((r) => { r.hidden = true; }); add.hidden = spare().length === 0; };
    $$('.signer-row', signers).forEach(more);
    signers.addEventListener('change', (e) => more(e.target.closest('.signer-row')));
    add.addEventListener('click', () => {
      const row = spare()[0];
      row.removeAttribute('data-spare');
      row.hidden = false;
      $('select', row).focus();
      show();
    });
    show();
  }

  // --- the tool beside the token ---------------------------------------------
  // It listens on the signer's machine. For each document it is told where to
  // fetch it and where to bring it back signed; the server checks what comes.
  const tool = $('#tool');
  const acts = { operator: 'SignApproved', person: 'SignApproved', seal: 'SignIssued', agency: 'SignCopy', copy: 'SignCopy', attachment: 'SignAppendix' };
  const cancelled = 11; // what the tool answers when its user gives up

  async function tickets() {
    const documents = chosen().filter((p) => 'mine' in p.dataset).map((p) => p.value);
    if (documents.length === 0) throw new Error(tool.dataset.choose);
    const answer = await fetch(tool.dataset.tickets, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ documents }) });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail || tool.dataset.failed);
    return body.tickets;
  }

  // line adds a ticket to the list and returns how to say what became of it.
  function line(ticket) {
    const item = document.createElement('li');
    const name = document.createElement('bdi');
    const note = document.createElement('span');
    name.textContent = ticket.name;
    note.className = 'dim';
    item.append(name, ' ', note);
    $('.tickets', tool).append(item);
    const say = (text, good) => { note.textContent = text; note.className = good === undefined ? 'dim' : good ? 'ok' : 'bad'; };
    return { item, say };
  }

  function ask(ticket, part) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(tool.dataset.tool + '/' + (acts[part] || acts.person));
      const address = location.origin + ticket.path;
      let answered = false;
      socket.onopen = () => socket.send(JSON.stringify({ FileUploadHandler: address, SessionId: '', JWTToken: '', FileName: address, DocNumber: '', IssuedDate: '', MetaData: [] }));
      socket.onmessage = (e) => {
        answered = true;
        socket.close();
        try { resolve(JSON.parse(e.data)); } catch { reject(new Error(tool.dataset.failed)); }
      };
      socket.onclose = () => { if (!answered) reject(new Error(tool.dataset.none)); };
    });
  }

  async function byTool() {
    const all = (await tickets()).map((t) => ({ ticket: t, ...line(t) }));
    for (const { ticket, say } of all) {
      const row = document.getElementById(ticket.document);
      say(tool.dataset.waiting);
      const answer = await ask(ticket, row && row.dataset.part).catch((err) => { say(err.message, false); return null; });
      if (!answer) return;
      if (Number(answer.Status) === 0) say(tool.dataset.signed, true);
      else say(Number(answer.Status) === cancelled ? tool.dataset.cancelled : answer.Message || tool.dataset.failed, false);
      if (Number(answer.Status) === cancelled) return;
    }
  }

  async function byFiles() {
    for (const ticket of await tickets()) {
      const { item, say } = line(ticket);
      const link = document.createElement('a');
      const label = document.createElement('label');
      const input = document.createElement('input');
      link.href = ticket.path;
      link.download = ticket.name;
      link.textContent = tool.dataset.fetch;
      input.type = 'file';
      input.accept = 'application/pdf,.pdf';
      label.append(tool.dataset.bring + ' ', input);
      item.append(link, ' ', label);
      input.addEventListener('change', () => bring(ticket, input.files[0], say));
    }
  }

  async function bring(ticket, file, say) {
    const form = new FormData();
    form.append('uploadfile', file);
    try {
      const answer = await (await fetch(ticket.path, { method: 'POST', body: form })).json();
      say(answer.Status ? tool.dataset.signed : answer.Message, answer.Status);
    } catch { say(tool.dataset.failed, false); }
  }

  if (tool) {
    const run = (how) => async () => {
      const list = $('.tickets', tool);
      list.replaceChildren();
      try { await how(); } catch (err) {
        const item = document.createElement('li');
        item.className = 'bad';
        item.textContent = err.message;
        list.append(item);
      }
      htmx.trigger('#set-head', 'changed');
    };
    $('[data-tool-sign]').addEventListener('click', run(byTool));
    $('[data-tool-files]').addEventListener('click', run(byFiles));
  }

  // --- placing a mark ---------------------------------------------------------
  const page = $('#place');
  if (page) {
    const area = $('.area', page);
    const grip = $('.grip', page);
    const form = $('#place-form');
    const bounds = page.viewBox.baseVal;
    const least = 10; // points
    const names = ['x', 'y', 'width', 'height'];
    const input = (name) => form.elements[name];
    const box = () => Object.fromEntries(names.map((n) => [n, Number(input(n).value) || 0]));
    const within = (v, low, high) => Math.max(low, Math.min(high, v));
    const tenth = (v) => Math.round(v * 10) / 10;

    function draw() {
      const b = box();
      names.forEach((n) => area.setAttribute(n, b[n]));
      grip.setAttribute('cx', b.x + b.width);
      grip.setAttribute('cy', b.y + b.height);
      area.setAttribute('aria-valuetext', names.map((n) => b[n]).join(', '));
    }

    function set(b) {
      b.width = within(b.width, least, bounds.width);
      b.height = within(b.height, least, bounds.height);
      b.x = within(b.x, 0, bounds.width - b.width);
      b.y = within(b.y, 0, bounds.height - b.height);
      names.forEach((n) => { input(n).value = tenth(b[n]); });
      $('.box', page).classList.remove('proposed');
      draw();
    }

    const at = (e) => new DOMPoint(e.clientX, e.clientY).matrixTransform(page.getScreenCTM().inverse());
    let drag = null;
    page.addEventListener('pointerdown', (e) => {
      if (e.button !== 0) return;
      const p = at(e);
      const b = box();
      const how = e.target === grip ? 'size' : e.target === area ? 'move' : 'new';
      if (how === 'new') Object.assign(b, { x: p.x, y: p.y, width: 0, height: 0 });
      drag = { how, p, b };
      page.setPointerCapture(e.pointerId);
      e.preventDefault();
      area.focus({ preventScroll: true });
    });
    page.addEventListener('pointermove', (e) => {
      if (!drag) return;
      const p = at(e);
      const { how, b } = drag;
      const dx = p.x - drag.p.x;
      const dy = p.y - drag.p.y;
      if (how === 'move') set({ ...b, x: b.x + dx, y: b.y + dy });
      else if (how === 'size') set({ ...b, width: within(b.width + dx, least, bounds.width - b.x), height: within(b.height + dy, least, bounds.height - b.y) });
      else if (Math.hypot(dx, dy) > 4) set({ x: within(Math.min(p.x, drag.p.x), 0, bounds.width), y: within(Math.min(p.y, drag.p.y), 0, bounds.height), width: Math.abs(dx), height: Math.abs(dy) });
    });
    ['pointerup', 'pointercancel'].forEach((name) => page.addEventListener(name, () => { drag = null; }));
    const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    area.addEventListener('keydown', (e) => {
      if (!keys[e.key]) return;
      e.preventDefault();
      const [dx, dy] = keys[e.key].map((d) => d * (e.altKey ? 1 : 5));
      const b = box();
      set(e.shiftKey ? { ...b, width: within(b.width + dx, least, bounds.width - b.x), height: within(b.height + dy, least, bounds.height - b.y) } : { ...b, x: b.x + dx, y: b.y + dy });
    });
    names.forEach((n) => input(n).addEventListener('input', draw));
    draw();
  }
})();
