// The browser knows its zone better than a container that says UTC.
for (const field of document.querySelectorAll("[data-zone-guess]")) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const plain = /^(Etc\/)?UTC$/;
  if (own && own.includes("/") && plain.test(field.value) && plain.test(field.dataset.zoneGuess)) field.value = own;
}
