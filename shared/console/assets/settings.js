// What the user may choose, and the ways out: pause, disconnect, delete.

import { nameOf, primary, providerOf } from './decide.js';
import { h } from './dom.js';
import { button, section } from './parts.js';
import { state } from './state.js';
import { directions, intervals } from './words.js';

/** The settings. They can be chosen at any time, but for the calendar: that needs a connection. */
export function settings(i) {
  const draft = state.draft[i.provider] ?? {};
  const changed = Object.keys(draft).some((k) => String(draft[k]) !== String(i.settings[k]));
  const path = `draft.${i.provider}`;
  const choosable = ['active', 'paused', 'error'].includes(i.status);
  return section('settings', 'Settings',
    h('div', { class: 'setting' },
      h('div', null, h('h3', null, 'Calendar'), h('p', null, i.settings.calendar_name ?? i.settings.calendar_id ?? 'Chosen as soon as the connection is verified')),
      choosable && button('Change', 'open', i.provider, { more: 'calendar', kind: 'small', 'aria-label': 'Change calendar' })),
    direction(i, draft.direction ?? i.settings.direction, path),
    interval(i, draft.interval_minutes ?? i.settings.interval_minutes, path),
    kinds(i, draft.import_kinds ?? i.settings.import_kinds, path),
    h('div', { class: 'row save', hidden: !changed },
      button('Save', 'save', i.provider, { kind: 'small strong', doing: 'Saving…' }),
      button('Discard', 'unsave', i.provider, { kind: 'small' })));
}

function direction(i, chosen, path) {
  const reading = i.notices.some((n) => n.code === 'calendar_read_only') || selected(i)?.access_role === 'reader';
  return h('fieldset', null,
    h('legend', null, 'Direction'),
    reading && h('p', { class: 'soft' }, 'This calendar is shared with you for reading, so its events are only brought in.'),
    Object.entries(directions).map(([value, [label, meaning]]) =>
      h('label', { class: 'choice' },
        h('input', { type: 'radio', name: 'direction', value, 'data-bind': `${path}.direction`, checked: value === chosen, disabled: reading && value !== 'from_provider' && value !== chosen }),
        h('span', null, label, h('small', null, meaning)))));
}

const selected = (i) => state.lists[i.provider]?.calendars?.items.find((c) => c.selected);

function interval(i, chosen, path) {
  return h('div', { class: 'setting' },
    h('label', { for: 'interval' }, h('h3', null, 'Look for changes')),
    h('select', { id: 'interval', 'data-bind': `${path}.interval_minutes`, 'data-as': 'number' },
      Object.entries(intervals).map(([value, label]) => h('option', { value, selected: Number(value) === chosen }, label))));
}

function kinds(i, chosen, path) {
  const all = providerOf(i.provider)?.kinds ?? [];
  if (!all.length) return null;
  return h('fieldset', null,
    h('legend', null, 'Also bring in'),
    all.map((k) =>
      h('label', { class: 'choice' },
        h('input', { type: 'checkbox', value: k.key, 'data-bind': `${path}.import_kinds`, 'data-as': 'list', checked: chosen.includes(k.key) }),
        h('span', null, k.name))));
}

/** The ways out, each with what is kept and what is lost. */
export function ways(i) {
  const name = nameOf(i.provider);
  const can = {
    pause: i.status === 'active',
    reconnect: i.status !== 'draft' && primary(i).act !== 'authorize',
    switch: i.status === 'disconnected',
    disconnect: !['draft', 'disconnected'].includes(i.status),
  };
  return section('manage', 'Manage',
    can.pause && way('Pause', 'Stops syncing until you resume. Everything is kept; what changes meanwhile is caught up with.', button('Pause', 'pause', i.provider, { kind: 'small', doing: 'Pausing…' })),
    can.reconnect && way('Reconnect', `Renews the access at ${name} with the same account. Configuration and history are kept.`, button('Reconnect', 'authorize', i.provider, { kind: 'small', doing: 'Opening…' })),
    can.switch && way('Use another account', 'Starts over with a new connection. The events imported from the old account leave Aura; the history is kept.', button('Start over', 'open', i.provider, { more: 'startover', kind: 'small' })),
    can.disconnect && way('Disconnect', `Ends Aura’s access to ${name}. Configuration, history and events stay; you can reconnect.`, button('Disconnect', 'open', i.provider, { more: 'disconnect', kind: 'small' })),
    way('Delete', 'Removes the integration and what was imported with it. Events created in Aura stay. Frees its place in your plan.', button('Delete', 'open', i.provider, { more: 'delete', kind: 'small danger' })));
}

const way = (title, text, action) => h('div', { class: 'setting', 'data-key': title }, h('div', null, h('h3', null, title), h('p', { class: 'soft' }, text)), action);
