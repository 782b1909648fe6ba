// Reading what Agent > Integrations shows.

import { get } from './api.js';
import { lively, nameOf, primary, running } from './decide.js';
import { Problem } from './failures.js';
import { say } from './live.js';
import { state } from './state.js';
import { outcome, phases, statusWord, wrong } from './words.js';

const close = 2_000; // ms between two looks while something happens: the pace that the API's Retry-After asks for
const usual = 20_000;
const pages = { runs: 10, history: 8, quarantine: 20, calendars: 100 }; // items that are read at a time

const at = (key) => `/v1/integrations/${encodeURIComponent(key)}`;

/** In how many ms to read again. */
export const pace = () => ([...state.integrations.values()].some(lively) ? close : usual);

/** Reads what may have changed; while runs are under way, how far they have come. */
export async function read() {
  if (![...state.integrations.keys()].some(running) || (await follow())) await refresh();
}

/** Reads everything that is shown. */
export async function refresh() {
  const [found, plan, providers] = await Promise.all([
    get('/v1/integrations?limit=100'), get('/v1/subscription'),
    state.providers.length ? { items: state.providers } : get('/v1/providers?limit=100'),
  ]);
  const before = state.integrations;
  Object.assign(state, { plan, providers: providers.items, integrations: new Map(found.items.map((i) => [i.provider, i])) });
  for (const [key, i] of state.integrations) announce(before.get(key), i);
  await Promise.all([
    ...found.items.filter((i) => i.account_email).map((i) => list(i.provider, 'runs')),
    ...found.items.filter(choosing).map((i) => list(i.provider, 'calendars')),
    ...(state.integrations.has(state.route) ? ['history', 'quarantine', 'calendars'].map((name) => list(state.route, name)) : []),
  ]);
  for (const key of Object.keys(state.asked)) finished(key);
}

// Whose calendars are about to be chosen from, elsewhere than on its own page.
const choosing = (i) => i.provider !== state.route && (primary(i).act === 'choose' || (state.dialog?.kind === 'calendar' && state.dialog.key === i.provider));

function announce(was, is) {
  if (was && was.status !== is.status) say(`${nameOf(is.provider)}: ${statusWord(is.status)}. ${is.reason ? wrong(is) : ''}`);
}

/** Takes an integration that an answer brought. */
export function take(i) {
  announce(state.integrations.get(i.provider), i);
  state.integrations.set(i.provider, i);
}

/** Reads the first page of one of an integration's lists: runs, history, quarantine, calendars. */
export async function list(key, name) {
  const had = ((state.lists[key] ??= {})[name] ??= { state: 'loading', items: [], next: null });
  try {
    const fresh = await get(`${at(key)}/${name}?limit=${pages[name]}`);
    // Pages that were asked for stay: ids are ULIDs, so what sorts below is older.
    const last = fresh.items.at(-1)?.id;
    const older = last && name !== 'calendars' ? had.items.filter((x) => x.id < last) : [];
    Object.assign(had, {
      state: 'ready', items: [...fresh.items, ...older], next: older.length ? had.next : fresh.next_cursor, fetched: fresh.fetched_at,
    });
  } catch (e) {
    if (!(e instanceof Problem)) throw e;
    if (had.state !== 'ready') Object.assign(had, { state: 'failed', problem: e });
  }
}

/** Reads the next page. */
export async function more(key, name) {
  const had = state.lists[key][name];
  const fresh = await get(`${at(key)}/${name}?limit=${pages[name]}&cursor=${encodeURIComponent(had.next)}`);
  Object.assign(had, { items: [...had.items, ...fresh.items], next: fresh.next_cursor });
}

/** Reads one run with its decisions, or the next page of those. */
export async function report(key, id) {
  const had = (state.runs[id] ??= { state: 'loading', decisions: [], next: null });
  try {
    const run = await get(`${at(key)}/runs/${id}?limit=50${had.next ? `&cursor=${encodeURIComponent(had.next)}` : ''}`);
    const decisions = [...(had.next ? had.decisions : []), ...(run.decisions?.items ?? [])];
    Object.assign(had, { state: 'ready', run, decisions, next: run.decisions?.next_cursor ?? null });
  } catch (e) {
    Object.assign(had, { state: 'failed', problem: e });
  }
}

// follow asks how far the runs under way have come; true where one has ended.
async function follow() {
  let ended = false;
  for (const key of state.integrations.keys()) {
    const was = running(key);
    if (!was) continue;
    const { items } = state.lists[key].runs;
    let is;
    try {
      is = await get(`${at(key)}/runs/${was.id}?limit=1`);
    } catch (e) {
      if (!(e instanceof Problem) || e.status !== 404) throw e;
      // It ended unseen and left nothing, or the integration is gone: look at everything.
      if (items[0] === was) items.shift();
      ended = true;
      continue;
    }
    if (items[0] === was) items[0] = is;
    if (is.ended_at) ended = true;
    else if (is.progress && is.progress.phase !== was.progress?.phase) say(phases[is.progress.phase]);
  }
  return ended;
}

// finished says what came of the run that this page asked for.
function finished(key) {
  const done = state.lists[key]?.runs?.items.find((r) => r.id === state.asked[key] && r.ended_at);
  if (!done) return;
  delete state.asked[key];
  if (state.integrations.get(key).reason) return; // which says it already, and better
  const good = done.state === 'succeeded';
  const text = good ? `Synced: ${outcome(done)}.` : outcome(done);
  // The card's own line says it where that is about this very run, so that nothing moves.
  if (state.integrations.get(key).last_run?.id === done.id) state.told[key] = done.id;
  else state.notes[key] = { tone: good ? 'good' : 'bad', text };
  say(text);
}
