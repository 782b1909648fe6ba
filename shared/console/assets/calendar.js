// Agent > Calendar: Aura's events, a week at a time. The week is in the address,
// so Back and a bookmark find it again.

import { get } from './api.js';
import { h } from './dom.js';
import { acts } from './edit.js';
import { dialog } from './form.js';
import { daysOf, entry, moment as iso, weekOf } from './week.js';
import { begin, draws, routed } from './frame.js';
import { icon } from './icons.js';
import { say } from './live.js';
import { box, button, noted } from './parts.js';
import { look, reads } from './poll.js';
import { now, state } from './state.js';
import { dayDate, dayName, span } from './time.js';
import { statusWord } from './words.js';

const usual = 30_000; // ms between two looks
const close = 3_000; // while an edit is on its way
const most = 3_000; // events of a week: more than anybody reads, and less than what makes a browser stand still
let week = weekOf(location.hash);
let shown = null; // { from, events }, what was read last

async function read() {
  const { from, to } = week;
  const [providers, integrations] = await Promise.all([state.providers.length ? { items: state.providers } : get('/v1/providers?limit=100'), get('/v1/integrations?limit=100')]);
  const events = [];
  let part = false;
  let lacking = false;
  for (let cursor = ''; cursor !== null && !(part = events.length >= most); ) {
    const query = new URLSearchParams({ from: iso(from), to: iso(to), limit: 1000, ...(cursor && { cursor }) });
    const page = await get(`/v1/events?${query}`);
    events.push(...page.items);
    cursor = page.next_cursor;
    lacking ||= page.incomplete?.length > 0;
  }
  state.providers = providers.items;
  state.integrations = new Map(integrations.items.map((i) => [i.provider, i]));
  if (from === week.from) shown = { from, events, part: part || lacking };
}

function page() {
  const { from, to, before, after } = week;
  return [
    h('header', { class: 'page-head', 'data-key': 'head' },
      h('div', null, h('h1', { tabindex: '-1' }, 'Calendar'), h('p', { class: 'soft' }, span(from, new Date(to - 1)))),
      h('nav', { class: 'week', 'aria-label': 'Weeks' },
        h('a', { class: 'button plain', href: `#${before}`, 'aria-label': 'Previous week' }, icon('left')),
        h('a', { class: 'button plain', href: '#' }, 'This week'),
        h('a', { class: 'button plain', href: `#${after}`, 'aria-label': 'Next week' }, icon('right')),
        button('New event', 'create', '', { kind: 'primary' }))),
    noted(''),
    troubles(),
    shown?.from === from && shown.part && box('info', null, null, h('p', null, 'There is more in this week than this page shows: something repeats too often.')),
    shown?.from !== from ? h('div', { class: 'panel', 'data-key': 'loading', 'aria-busy': 'true' }, h('p', { class: 'soft' }, 'Loading…')) : days(),
  ];
}

// Why what is shown may be old, or not all there is.
function troubles() {
  return [...state.integrations.values()].filter((i) => i.status !== 'active').map((i) =>
    box(i.status === 'error' ? 'bad' : 'info', null, null,
      h('p', null, `${state.providers.find((p) => p.key === i.provider)?.name ?? i.provider}: ${statusWord(i.status)}. Its events are not being updated. `, h('a', { href: `integrations#${i.provider}` }, 'See what to do'))));
}

function days() {
  if (!shown.events.length) {
    return h('div', { class: 'panel lonely', 'data-key': 'nothing' },
      h('h2', null, 'No events in this week'),
      h('p', { class: 'soft' }, state.integrations.size ? 'What is created on either side appears here.' : 'Connect a calendar to see its events here.'),
      !state.integrations.size && h('p', { class: 'row' }, h('a', { class: 'button plain', href: 'integrations' }, 'Go to Integrations')));
  }
  const today = new Date(now()).toDateString();
  return h('div', { class: 'panel days', 'data-key': 'days' }, daysOf(week.from, shown.events).map(({ day, events }) =>
    h('section', { class: `day ${day.toDateString() === today ? 'today' : ''}`, 'data-key': day.toDateString() },
      h('h2', null, dayName(day), h('small', null, dayDate(day)), day.toDateString() === today && h('small', null, 'Today')),
      events.length ? h('ul', { class: 'events' }, events.map((e) => entry(e, day))) : h('p', { class: 'soft' }, 'Nothing'))));
}

draws(page, dialog);
routed(() => {
  week = weekOf(location.hash);
  say(span(week.from, new Date(week.to - 1)));
  look();
  return false;
});
reads(read, () => (shown?.events.some((e) => e.sync.state === 'pending') ? close : usual));
const find = (id) => shown?.events.find((e) => e.id === id);
const day = () => (now() >= week.from && now() < week.to ? new Date(now()) : week.from);
begin({ acts: acts(find, day), moving: () => false });
