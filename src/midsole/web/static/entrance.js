// The browser knows where it is better than the server does.
for (const field of document.querySelectorAll("input[data-own-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && field.value === field.defaultValue && !document.querySelector("[role=alert]")) field.value = zone;
}
