// From one hit of a search to the next: the page of results notes where its
// hits lead, and the page of a document offers the next and the previous one
// (n and p). The note lasts as long as the tab.
(() => {
  'use strict';
  const note = 'hits';
  const links = [...document.querySelectorAll('.hits .hit')].flatMap((hit) => {
    const pages = [...hit.querySelectorAll('.hit-page')];
    return pages.length > 0 ? pages : [...hit.querySelectorAll('h2 a')];
  });
  const plain = (href) => { const u = new URL(href, location.href); return u.pathname + u.search; };
  if (document.querySelector('.hits')) {
    sessionStorage.setItem(note, JSON.stringify({ from: location.pathname + location.search, hits: links.map((a) => plain(a.href) + new URL(a.href).hash) }));
    return;
  }
  const way = document.getElementById('hit-way');
  let noted = null;
  try { noted = JSON.parse(sessionStorage.getItem(note)); } catch { return; }
  if (!way || !noted || !Array.isArray(noted.hits)) return;
  const here = noted.hits.findIndex((h) => plain(h) === location.pathname + location.search);
  if (here < 0) return;
  const local = (path) => typeof path === 'string' && /^\/(documents|search)[/?]/.test(path);
  function lead(id, path) {
    const link = document.getElementById(id);
    if (!local(path)) return;
    link.href = path;
    link.hidden = false;
  }
  lead('hit-previous', noted.hits[here - 1]);
  lead('hit-next', noted.hits[here + 1]);
  lead('hit-list', noted.from);
  way.querySelector('output').textContent = here + 1 + '/' + noted.hits.length;
  way.hidden = false;
})();
