// The card of one integration: what it is, how it is, what is wrong and since
// when, what to do about it, and the one button that does it.

import { asks, fixed, nameOf, primary, running } from './decide.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { at, box, button, facts, noted, pill, spinner } from './parts.js';
import { now, state } from './state.js';
import { ago, count, moment } from './time.js';
import { directions, freshness, intervals, outcome, progress, todo, wrong } from './words.js';

const doing = { sync: 'Starting…', authorize: 'Opening…', resume: 'Resuming…', verify: 'Checking…' };

/** The card; heading is h1 where the card is the page, h2 in the list of all. */
export function card(i, heading) {
  const name = nameOf(i.provider);
  const alone = heading === 'h1';
  // Also while it is being connected, so that what comes then has its place already.
  const connected = i.account_email || state.busy[i.provider] === 'complete';
  return h('article', { class: 'card', 'data-key': `card ${i.provider}`, 'data-status': i.status, 'aria-labelledby': `name-${i.provider}` },
    h('header', { class: 'card-head' },
      h('span', { class: 'logo' }, icon('calendar')),
      h('div', { class: 'card-name' },
        h(heading, { id: `name-${i.provider}`, tabindex: alone ? '-1' : false }, name),
        h('p', { class: 'soft' }, i.account_email ?? 'No account connected yet')),
      pill(i.status)),
    h('p', { class: 'explanation' }, i.explanation),
    trouble(i, name),
    i.flow && unreturned(i),
    ...i.notices.map((n) => box('info', null, n.message)),
    i.push_paused_until && box('info', null, `Changes made in Aura wait until ${moment(i.push_paused_until)}, because ${name}’s write quota is used up. Changes made there still come in.`),
    connected && settings(i),
    connected && movement(i),
    noted(i.provider),
    h('footer', { class: 'row' },
      main(i),
      !alone && h('a', { class: 'button plain', href: `#${i.provider}` }, i.account_email ? 'Settings and activity' : 'Details')));
}

function main(i) {
  const { label, act } = primary(i);
  const dialog = asks[act];
  const run = running(i.provider);
  if (state.busy[i.provider] === 'complete') return h('button', { type: 'button', class: 'button primary', 'aria-disabled': 'true' }, spinner(), 'Finishing…');
  if (act === 'sync' && run) return h('button', { type: 'button', class: 'button primary', 'aria-disabled': 'true' }, spinner(), i.status === 'testing' ? 'Checking…' : 'Syncing…');
  if (dialog) return button(label, 'open', i.provider, { kind: 'primary', more: dialog });
  return button(label, act, i.provider, { kind: 'primary', doing: doing[act] });
}

// What is wrong, since when, what to do. Without a reason there is at most
// something to do.
function trouble(i, name) {
  const steps = todo(i, name, now());
  if (!i.reason) return steps && h('p', { class: 'todo' }, steps);
  return box(i.status === 'disconnected' ? 'warn' : 'bad', wrong(i), null,
    h('p', { class: 'soft' }, 'Since ', at(i.reason.since, `${moment(i.reason.since)}, ${ago(i.reason.since, now())}`), '.'),
    h('p', { class: 'todo' }, steps));
}

// An authorization that never came back, with its own way out wherever the one
// primary button does something else.
function unreturned(i) {
  const fix = fixed(i.flow.fix);
  return box('warn', 'The last authorization didn’t come back', i.flow.message,
    fix && fix.act !== primary(i).act && h('p', { class: 'row' }, button(fix.label, fix.act, i.provider, { kind: 'small', doing: doing[fix.act] })));
}

function settings(i) {
  return facts(
    ['Calendar', i.settings.calendar_name ?? i.settings.calendar_id ?? 'Not chosen yet'],
    ['Direction', directions[i.settings.direction]?.[0] ?? i.settings.direction],
    ['Checked', [intervals[i.settings.interval_minutes] ?? count(i.settings.interval_minutes, 'minute'), seldom(i)]],
    ['Live updates', [i.live_updates ? 'On' : 'Off', i.status === 'active' && h('small', null, `Changes there show at ${i.live_updates ? 'once' : 'the next check'}`)]]);
}

// The interval is what was chosen; what is true just now may be longer.
function seldom(i) {
  if (i.notices.some((n) => n.code === 'polling_slowed')) return h('small', null, 'Less often just now');
  return i.live_updates && h('small', null, 'Less often while updates are live');
}

// How a sync goes on, or how fresh the last one left things: one block of one
// height, so that nothing jumps when a sync starts or ends.
function movement(i) {
  const run = running(i.provider);
  if (run) {
    return h('div', { class: 'movement' },
      h('p', null, progress(run, now())),
      h('progress', { 'aria-label': 'Sync in progress' }));
  }
  return h('div', { class: 'movement' },
    h('p', null, i.status === 'testing' ? 'This ends by itself, usually within seconds.' : i.status === 'active' ? freshness(i, now()) : i.fresh_as_of ? `Last up to date ${ago(i.fresh_as_of, now())}` : 'Not synced yet'),
    last(i));
}

// How the last sync ended. Why it failed stands in its report, which the runs
// bring; where there is a reason, that says it already.
function last(i) {
  const l = i.last_run;
  if (!l) return null;
  const when = at(l.ended_at, ago(l.ended_at, now()), moment(l.ended_at));
  if (l.state !== 'failed') {
    return state.told[i.provider] === l.id
      ? h('p', { class: 'done' }, icon('good'), `Synced: ${outcome(l)}.`)
      : h('p', { class: 'soft' }, 'Last sync ', when, `: ${outcome(l)}`);
  }
  if (i.reason) return h('p', { class: 'soft' }, 'Last sync ', when, ' failed');
  const report = state.lists[i.provider]?.runs?.items.find((r) => r.id === l.id);
  const then = i.next_sync_at ? 'It is tried again by itself.' : '';
  return h('p', { class: 'failed' }, icon('bad'), h('span', null, 'Last sync ', when, ` failed. ${report?.error?.message ?? ''} ${then}`));
}
