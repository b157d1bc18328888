// Small comforts; every page works without them.
"use strict";

// A click on a row goes where its first link goes, unless text is being chosen.
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, summary")) return;
  if (String(window.getSelection())) return;
  window.location.href = row.dataset.href;
});

// A button beside each command that copies it.
for (const block of document.querySelectorAll("pre.command")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.querySelector("code").textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Not allowed";
    }
    window.setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  block.append(button);
}

// A choice in a form is sent at once.
for (const field of document.querySelectorAll("form[data-instant] select")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}
