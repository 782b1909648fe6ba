// What happened: the syncs and what each decided, the events that were set
// aside, and the history of statuses.

import { chart } from './chart.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { at, box, button, facts, listed, section } from './parts.js';
import { now, state } from './state.js';
import { ago, moment, number, took } from './time.js';
import { actors, decided, outcome, progress, runStates, statusWord, transitions, triggers } from './words.js';

const marks = { succeeded: 'good', failed: 'bad', superseded: 'info', queued: 'info', running: 'info' };

/** The runs, with a chart of the last ones. */
export function activity(i) {
  const list = state.lists[i.provider]?.runs;
  return section('activity', 'Activity',
    listed(list, 'No sync yet. Syncs that changed something, failed or were asked for appear here.', (runs) => [
      chart(runs.filter((r) => r.ended_at && r.started_at)),
      h('ul', { class: 'rows' }, runs.map((r) => h('li', { 'data-key': r.id }, run(i, r)))),
      more(i, 'runs', list),
    ]));
}

const more = (i, name, list) => list.next && h('p', { class: 'row' }, button('Show older', 'more', i.provider, { more: name, what: `more ${name}`, kind: 'small', doing: 'Loading…' }));

function run(i, r) {
  const ended = r.ended_at !== null;
  return h('details', { class: 'run', 'data-report': r.id, 'data-arg': i.provider },
    h('summary', null,
      icon(marks[r.state] ?? 'info', `mark ${r.state}`),
      h('span', { class: 'run-what' },
        h('span', null, h('span', { class: 'hidden' }, `${runStates[r.state] ?? r.state}: `), ended ? outcome(r) : progress(r, now())),
        h('small', null, r.started_at && h('span', { class: 'run-then' }, at(r.started_at, ago(r.started_at, now()), moment(r.started_at)), ' · '), triggers[r.trigger] ?? r.trigger)),
      h('span', { class: 'run-when' }, r.started_at && at(r.started_at, ago(r.started_at, now()), moment(r.started_at))),
      icon('right', 'fold')),
    report(i, r));
}

function report(i, listedRun) {
  const known = state.runs[listedRun.id];
  const r = known?.run ?? listedRun;
  const counted = (c) => (c ? `${number(c.created)} new, ${number(c.updated)} changed, ${number(c.deleted)} deleted` : 'not kept');
  return h('div', { class: 'report' },
    r.error && box('bad', null, r.error.message),
    facts(
      ['Started', r.started_at ? moment(r.started_at) : 'not yet'],
      r.ended_at && r.started_at && ['Took', took(Date.parse(r.ended_at) - Date.parse(r.started_at))],
      ['Into Aura', counted(r.pulled)],
      ['Out of Aura', counted(r.pushed)],
      r.pulled && ['Found unchanged', number(r.pulled.unchanged)],
      ['Conflicts', number(r.conflicts)],
      r.quarantined !== null && ['Set aside', number(r.quarantined)],
      r.provider_calls !== null && ['Provider calls', r.retries ? `${number(r.provider_calls)}, ${number(r.retries)} of them repeated` : number(r.provider_calls)],
      r.correlation_id && ['Reference', h('code', null, r.correlation_id)]),
    known?.state === 'loading' && h('p', { class: 'soft' }, 'Loading…'),
    known?.state === 'failed' && box('bad', null, known.problem.message),
    known?.decisions.length > 0 && h('ul', { class: 'rows decisions' }, known.decisions.map(decision)),
    known?.next && h('p', { class: 'row' }, button('Show more', 'report', i.provider, { more: r.id, kind: 'small' })));
}

function decision(d) {
  return h('li', null,
    h('p', null, h('strong', null, d.title || (d.event_id ? '(no title)' : 'The whole sync')), ' ', h('span', { class: 'tag' }, decided(d.what))),
    h('p', { class: 'soft' }, d.why),
    d.conflict && facts(
      ['Field', d.conflict.field],
      [d.conflict.winner === 'aura' ? 'Aura (kept)' : 'Aura', d.conflict.aura || '(empty)'],
      [d.conflict.winner === 'provider' ? 'The other side (kept)' : 'The other side', d.conflict.provider || '(empty)'],
      ['Rule', d.conflict.rule]));
}

/** The events that can't be synced; nothing where there are none. */
export function quarantine(i) {
  const list = state.lists[i.provider]?.quarantine;
  if (!list?.items.length && list?.state !== 'failed') return null;
  return section('quarantine', 'Events set aside', listed(list, '', (items) => [
    h('p', { class: 'soft' }, 'These can’t be synced. All others go on. Each is tried again when it changes, and a change can be taken back.'),
    h('ul', { class: 'rows' }, items.map((q) =>
      h('li', { 'data-key': q.event_id },
        h('div', { class: 'setting' },
          h('div', null, h('p', null, h('strong', null, q.title ?? 'An event that couldn’t be read')), h('p', null, q.reason.message),
            h('p', { class: 'soft' }, 'Since ', at(q.since, ago(q.since, now()), moment(q.since)))),
          h('p', { class: 'row' },
            q.reason.code !== 'direction_read_only' && button('Try again', 'retry', i.provider, { more: q.event_id, kind: 'small', 'aria-label': `Try again: ${q.title ?? 'unreadable event'}` }),
            q.reason.code !== 'unreadable' && button('Take back', 'takeback', i.provider, { more: q.event_id, kind: 'small', 'aria-label': `Take back: ${q.title ?? 'event'}` })))))),
    more(i, 'quarantine', list),
  ]));
}

/** The history of statuses. */
export function history(i) {
  const list = state.lists[i.provider]?.history;
  return section('history', 'History',
    listed(list, 'Nothing has happened yet.', (entries) => [
      h('ol', { class: 'timeline' }, entries.map((e) =>
        h('li', { 'data-key': e.id },
          h('p', null, transitions[e.transition] ?? e.transition, e.from !== e.to && e.to !== 'gone' && statusWord(e.to) !== transitions[e.transition] && h('span', { class: 'soft' }, ` → ${statusWord(e.to)}`)),
          h('p', { class: 'soft' }, at(e.at, moment(e.at)), ` ${actors[e.actor] ?? e.actor}`)))),
      more(i, 'history', list),
    ]));
}
