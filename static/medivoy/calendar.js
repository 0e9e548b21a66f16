// The calendar by the keyboard: the arrows turn the page as the eye reads it, T is today. Choosing a day goes there.
const steps = { back: "[data-cal-back]", on: "[data-cal-on]", today: "[data-cal-today]" };
const mirrored = document.documentElement.dir === "rtl";
const keys = { ArrowLeft: mirrored ? "on" : "back", ArrowRight: mirrored ? "back" : "on", t: "today", T: "today" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], .select2-container")) return;
  const link = keys[event.key] && document.querySelector(steps[keys[event.key]]);
  if (link) {
    event.preventDefault();
    event.stopImmediatePropagation(); // elsewhere in the admin T opens the search
    link.click();
  }
}, true);

const pick = document.querySelector("[data-cal-pick]");
if (pick) {
  pick.querySelector("button").classList.add("mv-unseen");
  let typing = false;
  pick.day.addEventListener("keydown", (event) => { typing = event.key !== "Enter"; });
  pick.day.addEventListener("pointerdown", () => { typing = false; });
  // A day that is being typed is not one yet: only what was picked goes there by itself, what was typed by Enter.
  pick.day.addEventListener("change", () => { if (!typing && pick.day.value) pick.requestSubmit(); });
}
