// What a screen reader is told without being asked: a status that changed, a
// phase of a sync, its result, what went wrong. Never a ticking clock.

const region = document.getElementById('live');
let pending = [];
let timer = 0;

/** Says a sentence; several in quick succession are said together. */
export function say(text) {
  if (!text || pending.includes(text)) return;
  pending.push(text);
  clearTimeout(timer);
  // Emptied first, so that the same sentence twice is said twice.
  region.textContent = '';
  timer = setTimeout(() => {
    region.textContent = pending.join(' ');
    pending = [];
  }, 80);
}
