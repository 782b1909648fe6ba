// Every state of Agent > Integrations at once: the page's own views over made-up
// answers. Buttons say what they would do; dialogs open.

import { card } from './card.js';
import { limit, offer, plan } from './catalogue.js';
import { dialog } from './dialogs.js';
import { h } from './dom.js';
import { Problem, Unreachable } from './failures.js';
import { begin, broken, draws, routed } from './frame.js';
import { button } from './parts.js';
import { reads } from './poll.js';
import { render, state } from './state.js';
import { one } from './views.js';

const list = (answers, key, name) => {
  const a = answers[`/v1/integrations/${key}/${name}`];
  return a ? { state: 'ready', items: a.items, next: a.next_cursor, fetched: a.fetched_at } : { state: 'ready', items: [], next: null };
};

let titles = [];
let answers = {};

async function read() {
  if (titles.length) return; // the same for as long as the page is open: tests look at it at leisure
  ({ answers, titles } = await (await fetch('/local/gallery/fixtures.json')).json());
  state.providers = answers['/v1/providers'].items;
  state.plan = answers['/v1/subscription'];
  state.integrations = new Map(answers['/v1/integrations'].items.map((i) => [i.provider, i]));
  for (const key of state.integrations.keys()) {
    state.lists[key] = Object.fromEntries(['runs', 'history', 'quarantine', 'calendars'].map((name) => [name, list(answers, key, name)]));
  }
}

/** Draws with another plan than the account has. */
function planned(other, what) {
  const was = state.plan;
  state.plan = other;
  const drawn = what();
  state.plan = was;
  return drawn;
}

function everything() {
  const free = state.providers.find((p) => p.key === 'free-to-connect');
  const failure = new Problem(500, { detail: 'Something went wrong on our side. It has been noted.', correlation_id: '01M83WFNSRS150JXBYQAPKVFE0' }, 0);
  return [
    h('header', { class: 'page-head' }, h('div', null, h('h1', { tabindex: '-1' }, 'Every state'), h('p', { class: 'soft' }, 'The page over made-up answers. Nothing here changes anything.'))),
    plan(),
    titles.map(({ provider, title }) => [caption(title), card(state.integrations.get(provider), 'h2')]),
    caption('a provider that can be connected'), planned({ plan: 'pro', limit: 5, used: 1 }, () => offer(free)),
    caption('at the plan’s limit'), planned({ plan: 'free', limit: 1, used: 1 }, () => offer({ ...free, key: 'one-too-many' })),
    caption('over the plan’s limit, after a downgrade'), limit(),
    caption('nothing could be read'), lower(broken(new Unreachable())), lower(broken(failure)),
    h('p', { class: 'row' }, h('a', { href: '#dialogs' }, 'The dialogs')),
  ];
}

const dialogs = () => [
  h('header', { class: 'page-head' }, h('h1', { tabindex: '-1' }, 'The dialogs')),
  h('p', { class: 'row' },
    ['disconnect', 'delete', 'startover', 'calendar'].map((kind) => button(kind, 'open', 'active', { more: kind, id: `open-${kind}` })),
    button('lost calendar', 'open', 'calendar-not-found', { more: 'calendar', id: 'open-lost' }),
    button('review', 'open', 'mass-deletion-held', { more: 'review', id: 'open-review' }),
    button('pending', 'pending', 'active', { id: 'open-pending' })),
];

const caption = (text) => h('p', { class: 'between' }, text);

// The states that are pages of their own have a heading that this page has already.
function lower(view) {
  const was = view.querySelector('h1');
  was.replaceWith(h('h2', null, ...was.childNodes));
  return view;
}

const told = (what) => (key) => {
  state.notes[key] = { tone: 'info', text: `In the gallery nothing happens. This button would ${what}.` };
  state.dialog = null;
  render();
};

const acts = Object.fromEntries(Object.entries({
  sync: 'start a sync', authorize: 'open the provider’s page', connect: 'create the integration and open the provider’s page', resume: 'resume',
  pause: 'pause', verify: 'check the connection again', disconnect: 'disconnect', delete: 'delete', save: 'save', unsave: 'forget what was changed',
  switch: 'change the calendar', discard: 'go on and give up what waits', confirm: 'confirm the deletions', reject: 'reject the deletions',
  retry: 'try the event again', takeback: 'ask before taking the change back', discardone: 'take the change back', recalendars: 'read the list again', more: 'show older ones',
}).map(([name, what]) => [name, told(what)]));

acts.report = (key, id) => {
  const run = answers[`/v1/integrations/${key}/runs/${id}`] ?? state.lists[key].runs.items.find((r) => r.id === id);
  state.runs[id] = { state: 'ready', run, decisions: run.decisions?.items ?? [], next: null };
  render();
};
acts.pending = (key) => {
  state.dialog = {
    kind: 'pending', key, count: 2, chosen: 'primary', said: '2 changes have not reached the old calendar yet. Wait for the next sync, or give them up.',
    waiting: [{ event_id: 'evt_p5tcsj4ftsmet3t0uf4vaalb30', title: 'Quarterly review', operation: 'change', since: new Date(Date.now() - 90_000).toISOString() }, { event_id: 'evt_gnikcgo9i5dv4pilrib4eem4tc', title: '', operation: 'create', since: new Date(Date.now() - 9_000_000).toISOString() }],
  };
  render();
};

const route = () => (state.route = decodeURIComponent(location.hash.slice(1)));
draws(() => {
  const i = state.integrations.get(state.route);
  return i ? one(i) : state.route === 'dialogs' ? dialogs() : everything();
}, dialog);
routed(() => {
  route();
  return true;
});
route();
reads(read, () => 3_600_000);
begin({ acts, moving: () => false });
