// A week of events: which days there are, what happens on each, how an event
// looks. Days are the reader's own; an event of another time zone says so.

import { onlyIn } from './decide.js';
import { h, outward } from './dom.js';
import { icon } from './icons.js';
import { box, button, facts } from './parts.js';
import { state } from './state.js';
import { count, hour, hours, moments } from './time.js';

const firstDay = new Intl.Locale(navigator.language).getWeekInfo?.().firstDay ?? 1; // 1 is Monday

export const add = (day, n) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + n);
const pad = (n) => String(n).padStart(2, '0');

/** A day as YYYY-MM-DD, by the reader's clock. */
export const named = (d) => `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`;

/** A moment with the reader's offset: the API compares days with a range in the offset that it is written with. */
export function moment(d) {
  const off = -d.getTimezoneOffset();
  const zone = `${off < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(off) / 60))}:${pad(Math.abs(off) % 60)}`;
  return `${named(d)}T${pad(d.getHours())}:${pad(d.getMinutes())}:00${zone}`;
}

/** The week that an address names by one of its days, this week where it names none. */
export function weekOf(hash) {
  const [, y, m, d] = /^#(\d{4})-(\d\d)-(\d\d)$/.exec(hash) ?? [];
  const day = y ? new Date(Number(y), Number(m) - 1, Number(d)) : new Date();
  const from = add(day, -((day.getDay() - (firstDay % 7) + 7) % 7));
  return { from, to: add(from, 7), before: named(add(from, -7)), after: named(add(from, 7)) };
}

/** The seven days, each with the events that touch it, all-day ones first. */
export function daysOf(from, events) {
  return [0, 1, 2, 3, 4, 5, 6].map((n) => {
    const day = add(from, n);
    const touching = events.filter((e) => touches(e, day));
    return { day, events: [...touching.filter((e) => e.start.date), ...touching.filter((e) => !e.start.date)] };
  });
}

function touches(e, day) {
  if (e.start.date) return e.start.date <= named(day) && (named(day) < e.end.date || e.start.date === named(day));
  const [start, end] = [Date.parse(e.start.date_time), Date.parse(e.end.date_time)];
  return start < add(day, 1) && (end > day || (start === end && start >= day));
}

function time(e, day) {
  if (e.start.date) return 'All day';
  const start = Date.parse(e.start.date_time);
  const end = Date.parse(e.end.date_time);
  if (start === end) return hour(start);
  const [before, after] = [start < day, end > add(day, 1)];
  if (before && after) return 'All day';
  return before ? `until ${hour(end)}` : after ? `from ${hour(start)}` : hours(start, end);
}

/** An event on one of its days. */
export function entry(e, day) {
  const declined = e.my_response === 'declined';
  const tags = [
    declined && ['Declined'], !declined && !e.busy && ['Free'], e.status === 'tentative' && ['Tentative'],
    e.sync.state === 'pending' && ['Not sent yet', 'warn'], e.sync.state === 'quarantined' && ['Can’t be synced', 'warn'], e.note && ['Note', 'warn'],
  ].filter(Boolean);
  return h('li', { 'data-key': e.id },
    h('details', { class: `event ${declined ? 'declined' : ''} ${e.counts_as_busy ? '' : 'free'}` },
      h('summary', null,
        h('span', { class: 'event-time' }, time(e, day)),
        h('span', { class: 'event-title' }, e.title || '(no title)', tags.map(([t, tone]) => [' ', h('span', { class: `tag ${tone ?? ''}` }, t)])),
        icon('right', 'fold')),
      details(e)));
}

// Where changes only come in, what is there is changed there.
const editable = (e) => !e.read_only && !(e.sync.state !== 'unlinked' && [...state.integrations.values()].some(onlyIn));

const answers = { needsAction: 'no answer yet', accepted: 'accepted', declined: 'declined', tentative: 'maybe' };

function details(e) {
  return h('div', { class: 'report' },
    e.sync.reason && box('warn', null, e.sync.reason.message),
    e.note && box('info', null, e.note),
    facts(
      ['When', when(e)],
      e.location && ['Where', e.location],
      e.conference && ['Join', outward(e.conference, e.conference)],
      (e.recurring_event_id || e.recurrence.length > 0) && ['Repeats', 'Part of a series'],
      ['Created in', e.origin === 'aura' ? 'Aura' : 'The connected calendar'],
      ['In step', { synced: 'Both sides are alike', pending: 'A change waits to be sent', quarantined: 'Can’t be synced', unlinked: 'In Aura only' }[e.sync.state] ?? e.sync.state],
      !editable(e) && ['Editing', e.origin === 'aura' ? 'Only in the connected calendar' : 'Only where it was made'],
      e.visibility !== 'default' && ['Visibility', e.visibility]),
    e.description && h('p', { class: 'text' }, e.description),
    e.guests.length > 0 && h('div', null, h('h3', null, count(e.guests.length, 'guest')),
      h('ul', null, e.guests.map((g) => h('li', null, g.name ?? g.email ?? 'Somebody', h('span', { class: 'soft' }, ` ${g.organizer ? 'organizer, ' : ''}${answers[g.response] ?? g.response}`))))),
    editable(e) && h('p', { class: 'row' },
      button('Edit', 'edit', '', { more: e.id, kind: 'small', 'aria-label': `Edit ${e.title || 'event'}` }),
      button('Delete', 'remove', '', { more: e.id, kind: 'small danger', 'aria-label': `Delete ${e.title || 'event'}` })));
}

function when(e) {
  if (e.start.date) {
    const last = add(new Date(`${e.end.date}T00:00`), -1);
    return named(last) > e.start.date ? `${e.start.date} to ${named(last)}` : e.start.date;
  }
  const here = moments(e.start.date_time, e.end.date_time);
  const there = elsewhere(e.start);
  return there ? [here, h('br'), h('span', { class: 'soft' }, there)] : here;
}

// elsewhere says an event's own clock where that isn't the reader's.
function elsewhere({ date_time, time_zone }) {
  try {
    const own = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: time_zone }).format(new Date(date_time));
    const here = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }).format(new Date(date_time));
    return own === here ? '' : `${own} in ${time_zone}`;
  } catch {
    return time_zone; // a zone that this browser doesn't know
  }
}
