// Passkeys (WebAuthn Level 3): makes and uses them. Without it people sign in
// by password and code.
(() => {
  'use strict';
  const $$ = (selector) => [...document.querySelectorAll(selector)];

  // Binary values travel as base64url.
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const ids = (list) => (list || []).map((c) => ({...c, id: bytes(c.id)}));

  async function ask(path, body) {
    const answer = await fetch(path, {
      method: 'POST', credentials: 'same-origin', body: JSON.stringify(body || {}),
      headers: {'Content-Type': 'application/json', 'Accept': 'application/json'},
    });
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(said.detail), {code: said.code});
    return said;
  }

  function sent(c) {
    const r = c.response, out = {id: c.id, rawId: text(c.rawId), type: c.type, response: {clientDataJSON: text(r.clientDataJSON)}, clientExtensionResults: {}};
    if (c.authenticatorAttachment) out.authenticatorAttachment = c.authenticatorAttachment;
    for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (r[name]) out.response[name] = text(r[name]);
    }
    if (r.getTransports) out.response.transports = r.getTransports();
    return out;
  }

  const acts = {
    async make(button) {
      const o = (await ask('/account/passkeys/begin')).publicKey;
      const credential = await navigator.credentials.create({publicKey: {
        ...o, challenge: bytes(o.challenge), user: {...o.user, id: bytes(o.user.id)}, excludeCredentials: ids(o.excludeCredentials),
      }});
      const name = document.querySelector('#passkey-name');
      return ask('/account/passkeys', {name: name ? name.value : '', credential: sent(credential)});
    },
    async use(button) {
      const base = button.dataset.at;
      const o = (await ask(base + '/begin')).publicKey;
      const credential = await navigator.credentials.get({publicKey: {...o, challenge: bytes(o.challenge), allowCredentials: ids(o.allowCredentials)}});
      return ask(button.dataset.finish, {next: button.dataset.next || '/', credential: sent(credential)});
    },
  };

  for (const button of $$('[data-passkey]')) {
    const place = button.closest('[data-passkeys]');
    const says = place.querySelector('[data-says]');
    if (!window.PublicKeyCredential) continue; // stays hidden
    place.hidden = false;
    button.addEventListener('click', async () => {
      button.disabled = true;
      says.hidden = true;
      try {
        location.assign((await acts[button.dataset.passkey](button)).next);
      } catch (err) {
        if (err.code === 'user.prove') return location.assign('/account/confirm');
        says.textContent = err.code ? err.message : says.dataset.says;
        says.hidden = false;
      } finally {
        button.disabled = false;
      }
    });
  }
})();
