"use strict";
// How much is sent, and how far the reading is, without loading the page again.
for (const form of document.querySelectorAll("form[data-upload]")) {
  const panel = form.querySelector(".sending"), bar = panel.querySelector("progress"), words = panel.querySelector("p");
  const button = form.querySelector("button"), choice = form.querySelector("input[type=file]");
  const say = (text) => { panel.hidden = false; words.textContent = text; };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const files = [...choice.files], mb = files.reduce((sum, file) => sum + file.size, 0) / 2 ** 20;
    if (files.length > form.dataset.mostFiles || mb > form.dataset.mostMb) {
      say(`That is too much at once: ${files.length} files, ${Math.ceil(mb)} MB.`);
      delete form.dataset.sent;
      return;
    }
    const sending = new XMLHttpRequest();
    sending.upload.addEventListener("progress", (now) => {
      if (!now.lengthComputable) return;
      bar.value = (100 * now.loaded) / now.total;
      say(now.loaded < now.total ? `Sending: ${(now.loaded / 1e6).toFixed(1)} of ${(now.total / 1e6).toFixed(1)} MB.` : "Sent. One moment.");
    });
    sending.addEventListener("load", () => {
      if (sending.responseURL && new URL(sending.responseURL).pathname !== "/uploads") location.assign(sending.responseURL);
      else {
        const told = new DOMParser().parseFromString(sending.responseText, "text/html").querySelector("main .error, main .lead, main p");
        say(told ? told.textContent : `Refused (${sending.status}).`);
        button.disabled = false;
      }
    });
    sending.addEventListener("error", () => { say("The upload broke off. Nothing of it was kept: send it again."); button.disabled = false; });
    sending.open("POST", form.action);
    sending.send(new FormData(form));
    button.disabled = true;
    say("Sending.");
  });
}
for (const card of document.querySelectorAll("[data-progress]")) {
  const ask = async () => {
    try {
      const now = await (await fetch(card.dataset.progress)).json();
      if (!now.under_way) return location.reload();
      const words = card.querySelector("[role=status]"), bar = card.querySelector("progress");
      if (words.textContent !== now.words) words.textContent = now.words;
      if (now.of) { bar.max = now.of; bar.value = now.done; } else bar.removeAttribute("value");
    } catch { /* asked again in a second */ }
    setTimeout(ask, 1000);
  };
  setTimeout(ask, 1000);
}
