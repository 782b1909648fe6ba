// What the page knows, in one place. Views read it, actions change it and ask
// for a drawing; nothing else is kept anywhere.

export const config = JSON.parse(document.body.dataset.config);

export const state = {
  phase: 'loading', // loading, ready, failed
  problem: null, // why it failed
  providers: [], // the catalogue
  integrations: new Map(), // by provider key
  plan: null,
  lists: {}, // by provider key and name: { state, items, next, problem, at }
  runs: {}, // one run's report by its id: { state, run, problem }
  asked: {}, // by provider key: the id of the run that this page asked for
  told: {}, // by provider key: the id of the run whose result answers the last Sync now
  busy: {}, // by provider key: what is under way
  notes: {}, // by provider key, '' for the page: { tone, text, fix, reference }
  draft: {}, // by provider key: settings that were changed and not saved
  dialog: null, // { kind, key, … }
  away: null, // since Aura can't be reached: { next }
  route: '', // the provider key of the integration that is shown, '' for all
};

let draw = () => {};
let waiting = false;

/** Says what draws the state. */
export function drawing(how) {
  draw = how;
}

/** Asks for a drawing; many requests in one go are one. */
export function render() {
  if (waiting) return;
  waiting = true;
  queueMicrotask(() => {
    waiting = false;
    draw();
  });
}

/** Sets a place in the state by its dotted path, making what lies between. */
export function put(path, value) {
  const steps = path.split('.');
  const last = steps.pop();
  let at = state;
  for (const s of steps) at = at[s] ??= {};
  at[last] = value;
}

// The server's clock is the one that counts: a laptop that is ten minutes late
// must not say that the next sync is overdue.
let skew = 0;

/** Takes the server's time from an answer. */
export function setClock(date) {
  const t = Date.parse(date ?? '');
  if (!Number.isNaN(t)) skew = t - Date.now();
}

/** Milliseconds, by the server's clock to within a second. */
export const now = () => Date.now() + skew;
