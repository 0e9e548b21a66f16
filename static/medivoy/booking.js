// Free times as buttons: they follow the doctor, the hospital and the patient of the form, and fill in the start.
const pick = document.querySelector("[data-pick]");

if (pick) {
  const form = pick.closest("form");
  const inside = pick.querySelector("[data-pick-inside]");
  const [dayField, timeField] = pick.querySelectorAll('input:not([type="hidden"])');
  const instant = pick.querySelector("[data-pick-instant]");
  const named = ["doctor", "hospital", "patient"];
  const field = (name) => form.querySelector(`select[name="${name}"]`);
  const given = (name) => field(name)?.value || pick.getAttribute(`data-pick-${name}`) || "";
  const whom = () => named.map(given).join();
  let asked = 0;
  let shownFor = whom();

  const mark = () => inside.querySelectorAll("[data-pick-day]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.value === instant.value));
  });

  // What the doctor does not offer is not to be chosen.
  const offerKinds = () => {
    const option = field("kind")?.querySelector('option[value="teleconsult"]');
    if (!option) return;
    option.disabled = inside.querySelector("[data-pick-video]")?.dataset.pickVideo === "no";
    if (option.disabled && option.selected) field("kind").value = "in_person";
  };

  const show = () => { mark(); offerKinds(); };

  const look = async (day) => {
    const turn = ++asked;
    shownFor = whom();
    const query = new URLSearchParams(named.map((name) => [name, given(name)]));
    if (day) query.set("day", day);
    inside.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${pick.dataset.pickAddress}?${query}`, { headers: { "X-Requested-With": "fetch" } });
      const shown = answer.ok && !answer.redirected ? await answer.text() : ""; // the page to sign in is no free time
      if (turn === asked) inside.innerHTML = shown;
    } catch {
      if (turn === asked) inside.replaceChildren(); // nobody is to press another doctor's times
    } finally {
      if (turn === asked) inside.removeAttribute("aria-busy");
    }
    if (turn === asked) show();
  };

  inside.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.pickDay) {
      dayField.value = button.dataset.pickDay;
      timeField.value = button.dataset.pickClock;
      instant.value = button.value;
      mark();
    } else if (button.dataset.pickHospitalId) {
      const hospital = field("hospital");
      hospital.replaceChildren(new Option("", ""), new Option(button.textContent.trim(), button.dataset.pickHospitalId, true, true));
      window.django.jQuery(hospital).trigger("change");
    } else {
      look(button.value);
    }
  });

  // What is typed counts from then on, not the button pressed before.
  [dayField, timeField].forEach((typed) => typed.addEventListener("input", () => { instant.value = ""; mark(); }));

  // Select2 tells of a choice by jQuery alone, and of what was chosen before when it begins.
  const selects = named.map((name) => `select[name="${name}"]`).join(",");
  window.django.jQuery(form).on("change", selects, () => { if (whom() !== shownFor) look(dayField.value); });
  show();
}
