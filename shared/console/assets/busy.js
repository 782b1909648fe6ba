// One change at a time, and what is said when it fails.

import { Problem, SignedOut, Unreachable } from './failures.js';
import { say } from './live.js';
import { look } from './poll.js';
import { render, state } from './state.js';

/** Notes something beside an integration, '' for the page, and says it. */
export function note(key, tone, text, more) {
  state.notes[key] = { tone, text, ...more };
  say(text);
}

/**
 * Does one thing at a time with an integration: a second click meanwhile does
 * nothing. What goes wrong is explained beside it.
 */
export async function busy(key, what, work) {
  if (state.busy[key]) return;
  state.busy[key] = what;
  delete state.notes[key];
  delete state.told[key];
  render();
  try {
    await work();
  } catch (e) {
    await explain(key, e);
  } finally {
    if (state.busy[key] === what) delete state.busy[key]; // pageshow may have freed it, for something else
    render();
  }
}

async function explain(key, e) {
  if (e instanceof Problem && e.code === 'pending_changes') {
    state.dialog = { ...state.dialog, kind: 'pending', key, said: e.message, waiting: e.document.pending, count: e.document.pending_count };
    say(e.message);
    return;
  }
  state.dialog = null;
  if (e instanceof Problem && e.status === 412) {
    note(key, 'info', 'It was changed elsewhere in the meantime, so nothing was done. This is how it is now.');
    await look();
  } else if (e instanceof Problem) {
    const running = e.code === 'sync_in_progress';
    note(key, running ? 'info' : 'bad', e.message, { fix: e.fix, reference: e.reference });
    if ([403, 404, 409].includes(e.status)) await look(); // it isn't as we thought
  } else if (e instanceof Unreachable) {
    note(key, 'bad', 'The connection was lost before Aura answered. As soon as it is back, you see here whether that worked.', { lost: true });
    await look();
  } else if (e instanceof SignedOut) {
    note('', 'bad', e.message, { fix: { label: 'Sign in again', act: 'signin' } });
  } else {
    note(key, 'bad', 'Something on this page went wrong. Load it again.');
    throw e;
  }
}
