// The dialogs of an event: its form, and what is asked before it is deleted.
// What is typed stands in state.dialog.form, as the browser's own fields give it.

import { h } from './dom.js';
import { box, button, sheet } from './parts.js';
import { state } from './state.js';
import { add, moment, named } from './week.js';

const pad = (n) => String(n).padStart(2, '0');
const clock = (d) => `${pad(d.getHours())}:${pad(d.getMinutes())}`;
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Whether somebody else is invited. */
export const guested = (e) => e?.guests.some((g) => !g.self) ?? false;

/** Whether an event is one of several, so that it has to be said which are meant. */
export const serial = (e) => Boolean(e?.recurring_event_id);

/** A new event's form: the next full hour of a day. */
export function blank(day) {
  const hour = Math.min(new Date().getHours() + 1, 22);
  return {
    title: '', allday: false, from: named(day), at: `${pad(hour)}:00`, to: named(day), until: `${pad(hour + 1)}:00`,
    location: '', description: '', busy: true, repeat: '',
  };
}

/** An event's form, its times by the reader's clock. */
export function filled(e) {
  const words = { title: e.title, location: e.location, description: e.description, busy: e.busy, repeat: '' };
  if (e.start.date) {
    const last = add(new Date(`${e.end.date}T00:00`), -1);
    return { ...words, allday: true, from: e.start.date, at: '09:00', to: named(last) < e.start.date ? e.start.date : named(last), until: '10:00' };
  }
  const [a, b] = [new Date(e.start.date_time), new Date(e.end.date_time)];
  return { ...words, allday: false, from: named(a), at: clock(a), to: named(b), until: clock(b) };
}

// An event keeps its own zone, so that a series goes on by its own clock.
function zoneOf(e) {
  try {
    new Intl.DateTimeFormat('en', { timeZone: e.start.time_zone });
    return e.start.time_zone ?? here;
  } catch {
    return here; // one that nobody knows
  }
}

// What a form says about when, as the API takes it; null where a day or time is missing.
function when(f, e) {
  if (!f.from || !f.to || (!f.allday && (!f.at || !f.until))) return null;
  if (f.allday) return { start: { date: f.from }, end: { date: named(add(new Date(`${f.to}T00:00`), 1)) } };
  const zone = e ? zoneOf(e) : here;
  const time = (date, at) => ({ date_time: moment(new Date(`${date}T${at}`)), time_zone: zone });
  return { start: time(f.from, f.at), end: time(f.to, f.until) };
}

// By the clock on the wall, whatever becomes of it in between: an hour stays an
// hour on the night when the clocks change.
const wall = (day, at) => Date.parse(`${day}T${at}Z`);

/** How long a form's event is, in ms by the clock on the wall; not a number where a day or time is missing. */
export const lasting = (f) => (f.allday ? wall(f.to, '00:00') - wall(f.from, '00:00') : wall(f.to, f.until) - wall(f.from, f.at));

/** Carries the end along with a start that was moved; field is what was typed in. */
export function carry(d, field) {
  const f = d.form;
  const end = wall(f.from, f.allday ? '00:00' : f.at) + d.lasts;
  // While it is typed, a start may be missing or in the year 2: the length waits.
  if (['from', 'at'].includes(field) && d.lasts >= 0 && Math.abs(end) < 8e15) {
    const [to, until] = new Date(end).toISOString().split('T');
    if (to.length === f.from.length) f.to = to;
    if (!f.allday) f.until = until.slice(0, 5);
  }
  const now = lasting(f);
  if (!Number.isNaN(now)) d.lasts = now;
}

/** Whether a form's end lies before its start. */
export const reversed = (f) => (f.allday ? f.to < f.from : `${f.to}T${f.until}` < `${f.from}T${f.at}`);

const moved = (d) => ['allday', 'from', 'at', 'to', 'until'].some((k) => d.form[k] !== d.was[k]);

/** Whether the guests have to be asked about: what changes is when, where or whether. */
export const concerns = (d) => guested(d.event) && (d.kind === 'remove' || moved(d) || d.form.location !== d.was.location);

/** The body of a creation, or of a change: what differs and nothing else. Null where a day or time is missing. */
export function body(d) {
  const f = d.form;
  const out = {};
  for (const k of ['title', 'location', 'description', 'busy']) if (!d.event || f[k] !== d.was[k]) out[k] = f[k];
  if (!d.event || moved(d)) {
    const w = when(f, d.event);
    if (!w) return null;
    Object.assign(out, w);
  }
  if (f.repeat) out.recurrence = [`RRULE:FREQ=${f.repeat}`];
  return out;
}

const field = (label, name, props) =>
  h('label', { class: 'field' }, label, h('input', { type: 'text', value: state.dialog.form[name], 'data-bind': `dialog.form.${name}`, ...props }));

const tick = (label, name) =>
  h('label', { class: 'choice' }, h('input', { type: 'checkbox', 'data-bind': `dialog.form.${name}`, checked: state.dialog.form[name] }), h('span', null, label));

const either = (legend, name, options) =>
  h('fieldset', null, h('legend', null, legend), options.map(([value, label, note]) =>
    h('label', { class: 'choice' },
      h('input', { type: 'radio', name, value, 'data-bind': `dialog.${name}`, checked: state.dialog[name] === value }),
      h('span', null, label, note && h('small', null, note)))));

const scope = (d) => serial(d.event) && either('Which of the series?', 'scope', [
  ['this', 'This event'], ['following', 'This and all that follow'], ['all', 'All events of the series'],
]);

const guests = (d) => concerns(d) && either('Tell the guests?', 'notify', [
  ['true', 'Yes, the provider writes to them'], ['false', 'No, nobody is written to'],
]);

const wrong = (d) => d.problem && box('bad', null, d.problem);

/** What stands in the open dialog. */
export function dialog(d) {
  return d.kind === 'remove' ? remove(d) : event(d);
}

function event(d) {
  const f = d.form;
  return sheet(d.event ? 'Change event' : 'New event', [
    wrong(d),
    field('Title', 'title', { autofocus: true, maxlength: 1024, autocomplete: 'off' }),
    tick('All day', 'allday'),
    h('div', { class: 'pair', 'data-key': f.allday ? 'days' : 'times' },
      field(f.allday ? 'First day' : 'Starts', 'from', { type: 'date' }), !f.allday && field('Time', 'at', { type: 'time', 'aria-label': 'Start time' }),
      field(f.allday ? 'Last day' : 'Ends', 'to', { type: 'date' }), !f.allday && field('Time', 'until', { type: 'time', 'aria-label': 'End time' })),
    field('Where', 'location', { maxlength: 1024, autocomplete: 'off' }),
    h('label', { class: 'field' }, 'Description', h('textarea', { rows: 3, maxlength: 8192, 'data-bind': 'dialog.form.description' }, f.description)),
    tick('Shown as busy', 'busy'),
    !d.event && h('label', { class: 'field' }, 'Repeats',
      h('select', { 'data-bind': 'dialog.form.repeat' }, [['', 'Never'], ['DAILY', 'Every day'], ['WEEKLY', 'Every week'], ['MONTHLY', 'Every month'], ['YEARLY', 'Every year']].map(([value, label]) =>
        h('option', { value, selected: value === f.repeat }, label)))),
    scope(d),
    guests(d),
  ], button(d.event ? 'Save' : 'Create', 'save', '', { kind: 'primary', doing: 'Saving…' }));
}

function remove(d) {
  const { title } = d.event;
  return sheet(`Delete ${title ? `“${title}”` : 'this event'}?`, [
    wrong(d),
    h('p', null, d.event.sync.state === 'unlinked' ? 'It is in Aura only.' : 'It is deleted in Aura and in the connected calendar. If it was edited there meanwhile, that edit wins and it comes back.'),
    scope(d),
    guests(d),
  ], button('Delete', 'delete', '', { kind: 'primary danger', doing: 'Deleting…' }));
}
