// Making, changing and deleting events. What was typed is lost by no failure: the
// dialog stays until Aura has said that it is done, or that it can't be.

import { call, get } from './api.js';
import { busy, note } from './busy.js';
import { nameOf, onlyIn } from './decide.js';
import { Problem, Unreachable } from './failures.js';
import { blank, body, carry, concerns, filled, lasting, reversed, serial } from './form.js';
import { say } from './live.js';
import { look } from './poll.js';
import { render, state } from './state.js';

/** The acts of the calendar's page: find gives an event by its id, day the one that a new event is on. */
export const acts = (find, day) => ({
  typed: (path) => path.startsWith('dialog.form.') && carry(state.dialog, path.slice('dialog.form.'.length)),
  create: () => open('event', null, blank(day())),
  edit: (_, id) => find(id) && open('event', find(id), filled(find(id))),
  remove: (_, id) => find(id) && open('remove', find(id), filled(find(id))),
  save: () => send('save', (d) => {
    const given = body(d);
    if (!given) return refuse('Say when it begins and ends.');
    if (reversed(d.form)) return refuse('It would end before it begins.');
    if (!Object.keys(given).length) return () => done('Nothing was changed.');
    return async () => {
      // The key makes a repeat after a lost answer the same event, not a second one.
      if (d.event) await call('PATCH', address(d), { body: given, match: d.event.etag });
      else await call('POST', '/v1/events', { body: given, key: d.once });
      done(d.event ? 'Saved.' : 'Created.', true);
    };
  }),
  delete: () => send('delete', (d) => async () => {
    try {
      await call('DELETE', address(d), { match: d.event.etag });
    } catch (e) {
      if (!(e instanceof Problem && e.status === 404)) throw e; // gone already
    }
    done('Deleted.', true);
  }),
});

function open(kind, event, form) {
  state.dialog = { kind, key: '', event, form, was: { ...form }, lasts: lasting(form), scope: 'this', notify: null, problem: null, once: crypto.randomUUID() };
  render();
}

function address(d) {
  const query = new URLSearchParams({ ...(serial(d.event) && { scope: d.scope }), ...(concerns(d) && { notify_guests: d.notify }) });
  return `/v1/events/${encodeURIComponent(d.event.id)}?${query}`;
}

function refuse(text) {
  state.dialog.problem = text;
  say(text);
  render();
  return null;
}

// send does what was asked for; what goes wrong and can be put right is said in
// the dialog, everything else beside what it was about.
function send(what, prepare) {
  const d = state.dialog;
  d.problem = null;
  if (d.event && concerns(d) && d.notify === null) return refuse('Say whether the guests are told.');
  const work = prepare(d);
  return work && busy('', what, async () => {
    try {
      await work().catch(async (e) => {
        if (!(e instanceof Problem && e.status === 412 && d.event && (await alike(d)))) throw e;
        await work(); // only what Aura keeps beside it had changed
      });
    } catch (e) {
      if (e instanceof Unreachable) {
        d.unsure = true;
        refuse('The connection was lost before Aura answered. Nothing that you typed is lost: try again.');
      } else if (e instanceof Problem && [409, 422, 503].includes(e.status)) {
        refuse(e.message);
      } else if (e instanceof Problem && e.status === 412 && d.unsure) {
        done('The first try did take effect, or it was changed elsewhere: this is how it is now.');
      } else if (e instanceof Problem && e.status === 412 && d.kind === 'event') {
        refuse('It was changed elsewhere in the meantime. What you typed is still here: look it over and save again.');
      } else {
        throw e;
      }
    }
    if (!state.dialog) await look();
  });
}

// alike reads the event anew, since it isn't as it was, and reports whether all
// that its form shows is. What was typed stays; what was only shown is renewed. An
// occurrence whose address the first try took away isn't there to be alike.
async function alike(d) {
  const fresh = await get(`/v1/events/${encodeURIComponent(d.event.id)}`).catch((e) => {
    if (e instanceof Problem && e.status === 404 && d.unsure) return null;
    throw e;
  });
  if (!fresh) return false;
  const is = filled(fresh);
  const same = Object.keys(is).every((k) => is[k] === d.was[k]);
  for (const k of Object.keys(is)) if (d.form[k] === d.was[k]) d.form[k] = is[k];
  Object.assign(d, { event: fresh, was: is, lasts: lasting(d.form) });
  return same;
}

function done(text, sent) {
  const there = [...state.integrations.values()].filter((i) => i.status === 'active' && !onlyIn(i)).map((i) => nameOf(i.provider));
  state.dialog = null;
  note('', 'good', sent && there.length ? `${text} ${there.join(', ')} gets it within seconds.` : text);
}
