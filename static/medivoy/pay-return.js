// How the payment stands, asked for every few seconds and less and less often; the page is shown anew when it has moved.
const waiting = document.querySelector("[data-pay-status]");
const LONGEST = 30000;
let known = null;

async function look(pause) {
  try {
    const answer = await fetch(waiting.dataset.payStatus, { credentials: "omit", cache: "no-store" });
    const { status } = answer.ok ? await answer.json() : {};
    known ??= status;
    if (status && status !== known) {
      window.location.reload();
      return;
    }
  } catch {
    // offline for a moment: it is asked again
  }
  setTimeout(look, pause, Math.min(pause * 1.3, LONGEST));
}

if (waiting) look(3000);
