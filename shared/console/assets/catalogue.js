// What can still be connected, and how much of the plan is used.

import { full, providerOf } from './decide.js';
import { h, svg } from './dom.js';
import { icon } from './icons.js';
import { box, button, noted, section } from './parts.js';
import { config, state } from './state.js';

/** A provider that isn't connected: what access is asked for, and why. */
export function offer(p) {
  return h('article', { class: 'card', 'data-key': `offer ${p.key}`, 'aria-labelledby': `name-${p.key}` },
    h('header', { class: 'card-head' },
      h('span', { class: 'logo' }, icon('calendar')),
      h('div', { class: 'card-name' }, h('h2', { id: `name-${p.key}` }, p.name), h('p', { class: 'soft' }, 'Keeps Aura’s calendar and this one alike'))),
    h('h3', null, 'What Aura asks for, and why'),
    purposes(p),
    h('p', { class: 'soft' }, `You allow this on a page of the provider’s own: Aura never sees your password, and you can take it back there or here at any time.`),
    technical(p),
    full() ? limit() : [noted(p.key), h('footer', { class: 'row' }, button('Connect', 'connect', p.key, { kind: 'primary', doing: 'Opening…' }))]);
}

const purposes = (p) => h('ul', { class: 'steps' }, p.scopes.map((s) => h('li', null, 'To ', s.purpose, s.required ? '' : ' (optional)')));

const technical = (p) =>
  h('details', { class: 'more' },
    h('summary', null, 'Technical names of these permissions', icon('right', 'fold')),
    h('ul', { class: 'scopes-named' }, p.scopes.map((s) => h('li', null, h('code', null, s.name)))));

/** What a connected integration may do at its provider, for whoever wonders later. */
export function access(i) {
  const p = providerOf(i.provider);
  if (!p || !i.account_email || i.status === 'disconnected') return null;
  return section('access', 'What Aura may do',
    h('div', { class: 'stack' }, purposes(p), h('p', { class: 'soft' }, 'To take this back, disconnect, or do it in the settings of your account there.'), technical(p)));
}

/** What to do at the plan's limit, in the FAQ's words. */
export const limit = () =>
  box('warn', 'You’ve reached the maximum integrations for your subscription plan.', null,
    h('ul', { class: 'steps' },
      h('li', null, 'Remove an integration that you no longer use: open it here and click Delete.'),
      h('li', null, 'Or upgrade your plan: ', upgrade(), '.')));

// Where the plan is changed; the words alone where the host product has no address for it.
const upgrade = () => (config.billing_url ? h('a', { href: config.billing_url }, 'Billing > Subscription > Change plan') : 'Billing > Subscription > Change plan');

/** The plan's limit and how much of it is used. */
export function plan() {
  const { plan: name, limit: most, used } = state.plan;
  return section('plan', 'Your plan',
    h('p', null, h('strong', null, `${used} of ${most}`), ` ${most === 1 ? 'integration' : 'integrations'} used`),
    svg('svg', { class: 'gauge', viewBox: '0 0 100 1', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('rect', { width: 100, height: 1 }), svg('rect', { class: 'used', width: most ? Math.min(100, (used / most) * 100) : 100, height: 1 })),
    h('p', { class: 'soft' }, 'Plan: ', h('span', { class: 'plan-name' }, name)),
    full() && h('p', { class: 'soft' }, 'To connect another one, delete an integration that you no longer use, or upgrade: ', upgrade(), '.'));
}

/** The FAQ's way through, for when nothing seems wrong and something is. */
export const help = () =>
  section('help', 'Something isn’t syncing?',
    h('ol', { class: 'steps' },
      h('li', null, 'Check that the status is Active. If it isn’t, the card says what to do.'),
      h('li', null, 'If a sync is in progress, wait for it to finish.'),
      h('li', null, 'Press Sync now.'),
      h('li', null, 'Check in the settings that it is the calendar you expect.'),
      h('li', null, 'If nothing works, disconnect and reconnect.')));
