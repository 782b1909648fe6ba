// What the buttons do. Every change goes out with the etag that was shown, so
// nobody acts on what they haven't seen, and nothing is shown as done before the
// API has said so.

import { call, wait } from './api.js';
import { busy, note } from './busy.js';
import { nameOf } from './decide.js';
import { Problem } from './failures.js';
import { say } from './live.js';
import { list, more, report, take } from './load.js';
import { look, schedule } from './poll.js';
import { config, render, state } from './state.js';

const patience = 6_000; // ms until a page that isn't left can be used again

/** Where a tab that leaves for a provider's page keeps which integration it left for. */
export const LEFT = 'aura.connecting';

const at = (key) => `/v1/integrations/${encodeURIComponent(key)}`;
const tag = (key) => state.integrations.get(key)?.etag;

/** Opens the provider's own page, in this tab. */
async function leave(key) {
  const { body } = await call('POST', `${at(key)}/authorization`, { body: { return_to: config.return_to } });
  if (!/^https?:/.test(body.authorization_url)) throw new Error('the provider’s page has no address');
  sessionStorage.setItem(LEFT, key);
  location.assign(body.authorization_url);
  await wait(patience); // the page is left, unless somebody stops it from loading the other
  await look();
}

/** A change of status, and the words for it. */
const transition = (name, words) => (key) =>
  busy(key, name, async () => {
    const remove = state.dialog?.remove ? '?remove_from_provider=true' : '';
    take((await call('POST', `${at(key)}/${name}${remove}`, { match: tag(key) })).body);
    state.dialog = null;
    note(key, 'good', words);
    await look();
  });

// The settings as they are, to be compared.
const settled = (key) => JSON.stringify(state.integrations.get(key)?.settings);

/** Sends settings; the dialog says what becomes of what is left behind, by another calendar or a direction. */
const configure = (key, what, body, words) =>
  busy(key, what, async () => {
    const d = state.dialog;
    const query = body.calendar_id ? `?${new URLSearchParams({ discard: Boolean(d.discard), remove_copies: Boolean(d.remove) })}` : d?.discard ? '?discard=true' : '';
    const send = () => call('PATCH', at(key) + query, { body, match: tag(key) });
    const before = settled(key);
    const { body: now } = await send().catch(async (e) => {
      if (!(e instanceof Problem && e.status === 412)) throw e;
      await look();
      if (settled(key) !== before) throw e;
      return send(); // only its status had moved on
    });
    take(now);
    if (!body.calendar_id) delete state.draft[key];
    state.dialog = null;
    note(key, 'good', words);
    await look();
  });

/** Which sync does what was asked for about an event: none starts while the integration doesn’t sync. */
const withSync = (key) =>
  ({ paused: 'with the first sync after you resume', error: 'with the first sync once the integration works again' })[state.integrations.get(key)?.status] ?? 'with a sync that starts now';

export const acts = {
  // A disconnected integration is replaced by this: that is how one changes to another account.
  connect: (key) =>
    busy(key, 'connect', async () => {
      take((await call('POST', '/v1/integrations', { body: { provider: key } })).body);
      state.dialog = null;
      await leave(key);
    }),
  authorize: (key) => busy(key, 'authorize', () => leave(key)),
  pause: transition('pause', 'Paused. Nothing is synced until you resume.'),
  resume: transition('resume', 'Resumed.'),
  verify: transition('verify', 'The connection is being checked again.'),
  confirm: transition('confirm-deletions', 'Confirmed. The deletions are applied with the sync that starts now.'),
  reject: transition('reject-deletions', 'Rejected. The events are restored with the sync that starts now.'),
  disconnect: transition('disconnect', 'Disconnected. Configuration and history are kept.'),

  delete: (key) =>
    busy(key, 'delete', async () => {
      const remove = state.dialog?.remove ? '?remove_from_provider=true' : '';
      try {
        await call('DELETE', at(key) + remove, { match: tag(key) });
      } catch (e) {
        if (!(e instanceof Problem && e.status === 404)) throw e; // an earlier try took effect
      }
      note('', 'good', `The ${nameOf(key)} integration was deleted, and its place in your plan is free.`);
      state.integrations.delete(key);
      for (const map of [state.lists, state.draft, state.asked]) delete map[key];
      state.dialog = null;
      location.hash = '';
      await look();
    }),

  sync: (key) =>
    busy(key, 'sync', async () => {
      const { body } = await call('POST', `${at(key)}/sync`, { body: {} });
      state.asked[key] = body.id;
      const runs = ((state.lists[key] ??= {}).runs ??= { state: 'ready', items: [], next: null });
      runs.items = [body, ...runs.items.filter((r) => r.id !== body.id)];
      say('Sync started.');
      schedule();
    }),

  save: (key) => configure(key, 'save', state.draft[key], 'Settings saved.'),
  unsave: (key) => {
    delete state.draft[key];
    render();
  },
  switch: (key) => {
    const calendar = state.lists[key].calendars.items.find((c) => c.id === state.dialog.chosen);
    const oneWay = calendar.access_role === 'reader' ? { direction: 'from_provider' } : {};
    return configure(key, 'switch', { calendar_id: calendar.id, ...oneWay }, `Changing to ${calendar.name}: it is checked and read from the start.`);
  },
  discard: (key) => {
    state.dialog.discard = true;
    return state.dialog.chosen ? acts.switch(key) : acts.save(key);
  },
  takeback: (key, event) => {
    const q = state.lists[key].quarantine.items.find((x) => x.event_id === event);
    if (q) state.dialog = { kind: 'takeback', key, event, title: q.title, operation: q.operation, reason: q.reason.message };
    render();
  },
  discardone: (key, event) =>
    busy(key, 'discardone', async () => {
      await call('POST', `${at(key)}/quarantine/${encodeURIComponent(event)}/discard`);
      const restored = state.dialog?.operation === 'restore';
      state.dialog = null;
      note(key, 'good', `It is ${restored ? 'deleted in Aura' : 'taken back'} ${withSync(key)}.`);
      await look();
    }),
  recalendars: (key) =>
    busy(key, 'recalendars', async () => {
      const before = state.lists[key]?.calendars?.fetched;
      const { retryAfter } = await call('POST', `${at(key)}/calendars/refresh`);
      const same = () => state.lists[key]?.calendars?.fetched === before;
      for (let tries = 0; tries < 8 && same() && state.dialog; tries++) {
        await wait((retryAfter || 1) * 1000);
        await list(key, 'calendars');
      }
      if (state.dialog) state.dialog.late = same();
      if (!same()) say('The list of calendars is up to date.');
    }),

  retry: (key, event) =>
    busy(key, 'retry', async () => {
      await call('POST', `${at(key)}/quarantine/${encodeURIComponent(event)}/retry`);
      note(key, 'good', `It is tried once more, ${withSync(key)}.`);
      await look();
    }),

  more: (key, name) => busy(key, `more ${name}`, () => more(key, name)),
  report: (key, id) => report(key, id).then(render),
};
