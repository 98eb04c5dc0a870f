"use strict";
// Extras only: every page works without this file.
document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-all]");
  if (all) {
    for (const box of all.closest("form").querySelectorAll(`input[name="${all.dataset.all}"]`)) box.checked = all.checked;
  }
  if (event.target.closest("[data-at-once]")) event.target.form.requestSubmit();
});
document.addEventListener("submit", (event) => {
  // A form is sent once, however often its button is pressed.
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 5000);
});
for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;
