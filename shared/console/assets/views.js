// The two views of Agent > Integrations: all of them, and one.

import { activity, history, quarantine } from './activity.js';
import { card } from './card.js';
import { access, help, limit, offer, plan } from './catalogue.js';
import { h } from './dom.js';
import { icon } from './icons.js';
import { noted } from './parts.js';
import { settings, ways } from './settings.js';
import { state } from './state.js';

export function all() {
  const used = [...state.integrations.values()];
  const others = state.providers.filter((p) => !state.integrations.has(p.key));
  const over = state.plan.used > state.plan.limit;
  return [
    h('header', { class: 'page-head', 'data-key': 'head' },
      h('div', null, h('h1', { tabindex: '-1' }, 'Integrations'), h('p', { class: 'soft' }, 'Connect Aura’s calendar to the services you use.'))),
    noted(''),
    h('div', { class: 'columns', 'data-key': 'all' },
      h('div', { class: 'wide' },
        used.map((i) => card(i, 'h2')),
        used.length > 0 && others.length > 0 && h('p', { class: 'between' }, 'More to connect'),
        others.map(offer)),
      h('div', { class: 'narrow' }, plan(), over && limit(), used.length > 0 && help())),
  ];
}

export function one(i) {
  return [
    h('nav', { class: 'crumbs', 'aria-label': 'Breadcrumb', 'data-key': 'crumbs' }, h('a', { href: '#' }, icon('left'), 'All integrations')),
    noted(''),
    h('div', { class: 'columns', 'data-key': `one ${i.provider}` },
      h('div', { class: 'wide' }, card(i, 'h1'), quarantine(i)),
      h('div', { class: 'narrow' }, settings(i), ways(i), access(i)),
      h('div', { class: 'wide' }, activity(i), history(i))),
  ];
}
