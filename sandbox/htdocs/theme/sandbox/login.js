// SPDX-License-Identifier: GPL-3.0-or-later
// A second click while the first is under way would cost another password check.
document.querySelectorAll('form').forEach(function (form) {
  form.addEventListener('submit', function () {
    window.setTimeout(function () {
      form.querySelectorAll('button').forEach(function (button) { button.disabled = true; });
    }, 0);
  });
});
