// The small pieces that views are made of.

import { h } from './dom.js';
import { icon } from './icons.js';
import { asks, fixed } from './decide.js';
import { state } from './state.js';
import { statuses } from './words.js';

/** A button. arg and more go to its act; what names the work that keeps it busy. */
export function button(label, act, arg, { kind = 'plain', more, what = act, doing = 'One moment…', ...props } = {}) {
  const at = state.busy[arg];
  const mine = at !== undefined && at === what;
  return h('button', {
    type: 'button', class: `button ${kind}`, 'data-act': act, 'data-arg': arg, 'data-more': more,
    'aria-disabled': at !== undefined ? 'true' : false, ...props,
  }, mine && spinner(), mine ? doing : label);
}

export const spinner = () => h('span', { class: 'spinner', 'aria-hidden': 'true' });

/** A status as word, icon and colour. */
export function pill(status) {
  const { word, tone } = statuses[status] ?? { word: status, tone: 'idle' };
  return h('p', { class: `pill ${tone}` }, icon(statuses[status] ? status : 'info', status === 'testing' ? 'turning' : ''), h('span', { class: 'hidden' }, 'Status: '), word);
}

/** A box that says something, with what can be done about it. */
export function box(tone, title, text, ...rest) {
  return h('div', { class: `box ${tone}` }, icon({ bad: 'bad', good: 'good', warn: 'error' }[tone] ?? 'info'), h('div', null, title && h('p', { class: 'box-title' }, title), text && h('p', null, text), rest));
}

/** What stands in a dialog: a title, a body, and what can be done. */
export const sheet = (title, body, actions) => [
  h('header', null, h('h2', { id: 'dialog-title' }, title), h('button', { type: 'button', class: 'button ghost', 'data-act': 'close', 'aria-label': 'Close' }, icon('close'))),
  h('div', { class: 'dialog-body' }, body),
  h('footer', { class: 'row' }, actions, h('button', { type: 'button', class: 'button plain', 'data-act': 'close' }, 'Cancel')),
];

/** What an action left behind. */
export function noted(key) {
  const n = state.notes[key];
  if (!n) return null;
  const fix = n.fix?.act ? n.fix : fixed(n.fix);
  return box(n.tone, null, n.text,
    n.reference && h('p', { class: 'soft' }, 'Reference: ', h('code', null, n.reference)),
    fix && h('p', { class: 'row' }, button(fix.label, asks[fix.act] ? 'open' : fix.act, key, { kind: 'small', more: asks[fix.act] })));
}

/** A list's own states: loading, failed, empty, or what it shows. */
export function listed(list, empty, show) {
  if (!list || list.state === 'loading') return h('p', { class: 'soft', 'aria-busy': 'true' }, 'Loading…');
  if (list.state === 'failed') return box('bad', null, list.problem.message, h('p', { class: 'row' }, button('Try again', 'look', '', { kind: 'small' })));
  if (!list.items.length) return h('p', { class: 'soft' }, empty);
  return show(list.items);
}

/** A section of the page, headed. */
export const section = (id, title, ...kids) =>
  h('section', { class: 'panel', 'aria-labelledby': `${id}-title`, 'data-key': id }, h('h2', { id: `${id}-title` }, title), kids);

/** Pairs of a term and what stands for it. */
export const facts = (...pairs) =>
  h('dl', { class: 'facts' }, pairs.filter(Boolean).map(([term, value]) => h('div', null, h('dt', null, term), h('dd', null, value))));

/** A moment, with the exact time for who points at it. */
export const at = (iso, words, exact) => h('time', { datetime: iso, title: exact }, words);
