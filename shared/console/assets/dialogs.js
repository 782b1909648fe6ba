// The dialogs. Each says before anything is done what will be kept and what lost.
// What is typed or ticked in one stands in state.dialog.

import { nameOf, onlyIn } from './decide.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { at, box, button, sheet } from './parts.js';
import { now, state } from './state.js';
import { ago, count, moment, number } from './time.js';
import { roles } from './words.js';

/** What stands in the open dialog. */
export function dialog(d) {
  return sheet(...kinds[d.kind](d, state.integrations.get(d.key)));
}

const tick = (label, note) =>
  h('label', { class: 'choice boxed' }, h('input', { type: 'checkbox', 'data-bind': 'dialog.remove', checked: Boolean(state.dialog?.remove) }), h('span', null, label, h('small', null, note)));

const keeps = (kept, lost) =>
  h('div', { class: 'keeps' },
    h('div', null, h('h3', null, 'Kept'), h('ul', null, kept.map((x) => h('li', null, icon('active'), h('span', null, x))))),
    h('div', null, h('h3', null, 'Lost'), h('ul', null, lost.filter(Boolean).map((x) => h('li', null, icon('close'), h('span', null, x))))));

// What becomes of the other side, by whether Aura's events are to be removed there.
const there = (name, removed) => (removed ? `In ${name}, all that Aura didn’t create, and what has guests` : `Everything in ${name}`);
const gone = (name) => `In ${name}, the events that Aura created and that have no guests`;
const stays = 'They stay in Aura. What was imported is never touched there, and what has guests stays there too, so that nobody is written to: delete that in your calendar, where you say whether they are told. In Aura it has no guests then.';

const kinds = {
  disconnect: (d) => {
    const name = nameOf(d.key);
    return [`Disconnect ${name}?`, [
      keeps(
        ['Configuration and history', 'All events in Aura, imported ones too; they are no longer updated', there(name, d.remove), 'Its place in your plan stays taken'],
        [`Aura’s access to ${name}: to go on you reconnect`, d.remove && gone(name)]),
      tick(`Also remove from ${name} the events that Aura created there`, stays),
    ], button('Disconnect', 'disconnect', d.key, { kind: 'primary', doing: 'Disconnecting…' })];
  },

  delete: (d) => {
    const name = nameOf(d.key);
    return [`Delete the ${name} integration?`, [
      keeps(
        ['Events created in Aura', there(name, d.remove), 'The history of syncs and statuses, for 90 days'],
        [`Events imported from ${name} leave Aura`, 'The configuration', `Aura’s access to ${name}`, d.remove && gone(name)]),
      tick(`Also remove from ${name} the events that Aura created there`, stays),
      h('p', { class: 'soft' }, 'Its place in your plan is free at once.'),
    ], button('Delete integration', 'delete', d.key, { kind: 'primary danger', doing: 'Deleting…' })];
  },

  startover: (d, i) => {
    const name = nameOf(d.key);
    return ['Use another account?', [
      h('p', null, `Aura makes a new connection to ${name}. Sign in there with the account that you want to use instead of ${i?.account_email ?? 'the old one'}.`),
      keeps(['Events created in Aura', 'The history of syncs and statuses'], ['Events imported from the old account leave Aura', 'The configuration of the old connection']),
    ], button('Start over', 'connect', d.key, { kind: 'primary', doing: 'Opening…' })];
  },

  calendar: (d, i) => {
    const list = state.lists[d.key]?.calendars ?? { state: 'loading', items: [] };
    if (list.state === 'loading') return ['Choose a calendar', h('p', { class: 'soft', 'aria-busy': 'true' }, 'Loading…'), null];
    const chosen = list.items.find((c) => c.id === d.chosen);
    const another = chosen && (!chosen.selected || i?.reason?.code === 'calendar_not_found');
    return ['Choose a calendar', [
      list.items.length === 0 && h('p', { class: 'soft' }, list.state === 'failed' ? list.problem.message : 'The calendars of this account aren’t known yet.'),
      d.late && box('info', null, 'The list hasn’t come yet. It appears here as soon as it has.'),
      h('fieldset', { class: 'plainly' }, h('legend', { class: 'hidden' }, 'Calendar'), list.items.map((c) => choice(c, d.chosen))),
      h('p', { class: 'row apart' },
        h('span', { class: 'soft' }, list.fetched ? ['As of ', at(list.fetched, ago(list.fetched, now()), moment(list.fetched))] : 'Not read yet'),
        button('Refresh', 'recalendars', d.key, { kind: 'small', doing: 'Looking…' })),
      h('div', { class: 'stack', hidden: !another || !i?.settings.calendar_id },
        box('info', 'What happens to events', null,
          h('p', null, `Events imported from ${i?.settings.calendar_name ?? 'the old calendar'} leave Aura. Events created in Aura move to the new calendar.`),
          chosen?.access_role === 'reader' && h('p', null, 'This calendar is shared with you for reading, so its events are only brought in and the direction changes to that.')),
        tick('Also remove Aura’s events from the old calendar', 'Otherwise copies of them stay there. Those with guests stay in any case, so that nobody is written to; in the new calendar they have no guests.')),
    ], button('Use this calendar', 'switch', d.key, { kind: 'primary', doing: 'Changing…', ...(another ? {} : { 'aria-disabled': 'true' }) })];
  },

  pending: (d) => ['Changes are still waiting', [
    h('p', null, `${d.said} Events created in Aura stay in Aura either way.`),
    h('ul', { class: 'rows scroll', tabindex: '0', 'aria-label': 'Changes that wait' }, d.waiting.map((w) =>
      h('li', { 'data-key': w.event_id }, h('p', null, h('strong', null, w.title || '(no title)'), w.set_aside && ' (set aside)'), h('p', { class: 'soft' }, `${{ create: 'Created', change: 'Changed', delete: 'Deleted', restore: 'Put back' }[w.operation]} `, at(w.since, ago(w.since, now()), moment(w.since)))))),
  ], button('Discard changes', 'discard', d.key, { kind: 'primary danger', what: d.chosen ? 'switch' : 'save', doing: 'Changing…' })],

  takeback: (d) => d.operation === 'restore' ? [`Delete ${d.title || 'this event'} in Aura too`, [
    h('p', null, d.reason),
    keeps([`What is at ${nameOf(d.key)}. The event was deleted there and is not put back.`], ['The event in Aura, with what was changed in it. The activity names it.']),
  ], button('Delete in Aura', 'discardone', d.key, { kind: 'primary danger', more: d.event, doing: 'Deleting…' })] : [`Take back the change to ${d.title || 'this event'}`, [
    h('p', null, d.reason),
    keeps([`The event, as it is at ${nameOf(d.key)}. If you had deleted it in Aura, it is shown again.`], ['What was changed in Aura and never sent. The activity names it.']),
  ], button('Take back', 'discardone', d.key, { kind: 'primary danger', more: d.event, doing: 'Taking back…' })],

  review: (d, i) => {
    const held = i?.held_deletions;
    if (!held) return ['Nothing is held back any more', h('p', null, 'Somebody has decided already.'), null];
    const name = nameOf(d.key);
    return ['Review deletions', [
      h('p', null, `${number(held.count)} of ${count(held.of, 'event')} were deleted at ${name} `, at(held.at, ago(held.at, now()), moment(held.at)), '. Nothing was deleted in Aura, and nothing is synced until you decide.'),
      h('ul', { class: 'rows scroll', tabindex: '0', 'aria-label': 'Deleted events' }, held.titles.map((t) => h('li', null, t || '(no title)'))),
      held.titles.length < held.count && h('p', { class: 'soft' }, `And ${number(held.count - held.titles.length)} more.`),
      h('dl', { class: 'meanings' },
        h('div', null, h('dt', null, 'Keep them'), h('dd', null, onlyIn(i)
          ? `Not while changes only come in, since nothing can be put back at ${name} then. They stay held.`
          : `It wasn’t meant. They stay in Aura, and Aura puts them back at ${name}.`)),
        h('div', null, h('dt', null, 'Delete them here too'), h('dd', null, 'It was meant. Aura looks at the calendar once more and deletes what is gone then.'))),
    ], [ // what can be made good again is the one to press without a thought
      button('Keep them', 'reject', d.key, { kind: 'primary', what: 'reject-deletions', doing: 'Keeping…', ...(onlyIn(i) ? { 'aria-disabled': 'true' } : {}) }),
      button('Delete them here too', 'confirm', d.key, { kind: 'plain danger', what: 'confirm-deletions', doing: 'Deleting…' }),
    ]];
  },
};

function choice(c, chosen) {
  return h('label', { class: 'choice boxed', 'data-key': c.id },
    h('input', { type: 'radio', name: 'calendar', value: c.id, 'data-bind': 'dialog.chosen', checked: c.id === chosen, disabled: !c.selectable }),
    h('span', null,
      c.name, ' ', c.primary && h('span', { class: 'tag' }, 'Primary'), c.selected && h('span', { class: 'tag' }, 'In use'),
      h('small', null, `${roles[c.access_role] ?? c.access_role}${c.time_zone ? ` · ${c.time_zone}` : ''}${c.note ? `. ${c.note}` : ''}`)));
}
