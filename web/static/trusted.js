// Trusted Types: the one way by which text becomes part of a page. The policy
// of our pages allows no other, so that a string from a paper which reaches
// innerHTML by mistake is refused by the browser. What comes from this server
// as HTML is made of templates, which escape; nothing else is let through.
(() => {
  'use strict';
  const types = window.trustedTypes;
  const policy = types && types.createPolicy('sohoa', { createHTML: (html) => html });
  const trust = (html) => (policy ? policy.createHTML(html) : html);
  const parse = Document.parseHTMLUnsafe;
  const fromString = DOMParser.prototype.parseFromString;

  // Answers that htmx is about to show, as it hands them to the parser: whole,
  // without their head, or wrapped.
  const expected = [];
  const ours = (url, type) => new URL(url, location.href).origin === location.origin && /^text\/html\b/.test(type || '');
  function expect(html) {
    const bare = html.replace(/<head(\s[^>]*)?>[\s\S]*?<\/head>/i, '');
    expected.push(html, bare, '<body><template class="internal-htmx-wrapper">' + bare + '</template></body>');
    expected.splice(0, expected.length - 60);
  }
  const known = (html) => (expected.includes(html) ? trust(html) : html);

  // Before htmx hears of an answer. It parses what it is to put in a place that
  // is no longer there too.
  document.addEventListener('htmx:beforeSend', (e) => {
    const xhr = e.detail.xhr;
    xhr.addEventListener('readystatechange', () => {
      if (xhr.readyState === 4 && ours(xhr.responseURL || '/', xhr.getResponseHeader('Content-Type'))) expect(xhr.responseText);
    });
  });
  if (parse) Document.parseHTMLUnsafe = (html, ...rest) => parse.call(Document, known(html), ...rest);
  DOMParser.prototype.parseFromString = function parseFromString(html, type) {
    return fromString.call(this, type === 'text/html' ? known(html) : html, type);
  };

  // nodes are those of an answer of this server that was fetched.
  async function nodes(answer) {
    const text = await answer.text();
    if (!ours(answer.url, answer.headers.get('Content-Type'))) return [];
    return [...fromString.call(new DOMParser(), trust(text), 'text/html').body.childNodes];
  }
  window.sohoa = Object.freeze({ nodes });
})();
