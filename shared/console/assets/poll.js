// Looking again: closely while something happens, now and then otherwise, not at
// all while nobody looks; and what a look that failed means for the page.

import { Problem, SignedOut, Unreachable } from './failures.js';
import { say } from './live.js';
import { now, render, state } from './state.js';

const again = [2_000, 5_000, 10_000, 20_000]; // ms, while Aura can't be reached

let read = async () => {};
let pace = () => 20_000;
let timer = 0;
let failures = 0;
let round = 0;

/** Says how to read what the page shows, and in how many ms to do it again. */
export function reads(how, often) {
  read = how;
  pace = often;
}

/** Looks now, and goes on looking. */
export async function look() {
  clearTimeout(timer);
  const mine = ++round;
  try {
    await read();
    if (state.away) say('Aura can be reached again.');
    Object.assign(state, { phase: 'ready', away: null, problem: null });
    if (state.notes['']?.passing) delete state.notes[''];
    for (const n of Object.values(state.notes)) if (n.lost) Object.assign(n, { tone: 'info', text: 'Aura’s answer was lost on its way. This is how it is now.', lost: false });
    failures = 0;
  } catch (e) {
    failed(e);
  }
  render();
  if (mine === round) schedule();
}

/** Plans the next look. */
export function schedule() {
  clearTimeout(timer);
  if (document.hidden || state.notes['']?.fix?.act === 'signin') return;
  timer = setTimeout(look, state.away ? Math.max(250, state.away.next - now()) : pace());
}

function failed(e) {
  if (state.phase !== 'ready') Object.assign(state, { phase: 'failed', problem: e });
  if (e instanceof Unreachable) {
    if (!state.away) say('Aura can’t be reached. Trying again.');
    state.away = { next: now() + again[Math.min(failures++, again.length - 1)] };
  } else if (e instanceof SignedOut) {
    state.notes[''] = { tone: 'bad', text: e.message, fix: { label: 'Sign in again', act: 'signin' } };
    say(e.message);
  } else if (!(e instanceof Problem)) {
    throw e; // a defect of the page: let the console have it
  } else if (e.status !== 404) { // gone while we looked: the next look shows it
    state.notes[''] = { tone: 'bad', text: e.message, reference: e.reference, passing: true };
  }
}
