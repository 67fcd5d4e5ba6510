// Judging a page by keys: 1, 2 and 3 turn a question from yes to its first
// fault and back, arrows choose another fault, Enter goes on. Without this the
// form works by Tab and Enter.
(() => {
  'use strict';
  const form = document.querySelector('[data-judging]');
  if (!form) return;

  function toggle(question) {
    const select = question.querySelector('select');
    if (select.disabled) return;
    select.selectedIndex = select.value === '' ? 1 : 0;
    if (select.value === '') form.querySelector('[type=submit]').focus();
    else select.focus();
    document.querySelector('#said').textContent = question.querySelector('legend').textContent + ' ' + select.selectedOptions[0].textContent;
  }

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches('input, textarea')) return;
    const question = /^[1-9]$/.test(event.key) && form.querySelector(`[data-key="${event.key}"]`);
    if (question) {
      event.preventDefault();
      toggle(question);
    } else if (event.key === 'Enter' && event.target.matches('select')) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
})();
