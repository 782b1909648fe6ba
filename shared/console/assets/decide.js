// What a card offers: one primary button, decided here and nowhere else.

import { now, state } from './state.js';

// The API's fixes (openapi.yaml, FixAction) and what this page does for each.
const fixes = {
  connect: 'authorize', reconnect: 'authorize', reauthorize: 'authorize', verify: 'verify',
  choose_calendar: 'choose', review_deletions: 'review', disconnect: 'leave', start_over: 'anew',
};

/** Which dialog comes before what is done; for the rest none does. */
export const asks = { choose: 'calendar', review: 'review', leave: 'disconnect', anew: 'startover' };

const usual = {
  draft: ['Continue setup', 'authorize'],
  configuring: ['Authorize access', 'authorize'],
  testing: ['Check now', 'sync'],
  active: ['Sync now', 'sync'],
  paused: ['Resume', 'resume'],
  error: ['Reconnect', 'authorize'],
  disconnected: ['Reconnect', 'authorize'],
};

/** The button that a fix of the API asks for; null where this page has none. */
export function fixed(fix) {
  return fix && fixes[fix.action] ? { label: fix.label, act: fixes[fix.action] } : null;
}

/** The one primary button: what mends it, else what takes it on. */
export function primary(i) {
  const stuck = ['draft', 'configuring', 'disconnected'].includes(i.status);
  const [label, act] = usual[i.status] ?? usual.error;
  return fixed(i.reason?.fix) ?? (stuck ? fixed(i.flow?.fix) : null) ?? { label, act };
}

/** The run that is under way, if any: the newest one there is. */
export function running(key) {
  const newest = state.lists[key]?.runs?.items?.[0];
  return newest && (newest.state === 'queued' || newest.state === 'running') ? newest : null;
}

/** Whether something happens that is worth watching closely. */
export const lively = (i) => i.status === 'testing' || running(i.provider) !== null || behind(i);

// An integration that was read a moment before its run ended doesn't know of it
// yet: soon it will, and 'Not synced yet' must not stand there until then.
function behind(i) {
  const newest = state.lists[i.provider]?.runs?.items?.[0];
  if (!newest?.ended_at || newest.state === 'superseded' || now() - Date.parse(newest.ended_at) > 15_000) return false;
  return !i.last_run || Date.parse(i.last_run.ended_at) < Date.parse(newest.ended_at);
}

/** Whether the plan allows no further integration. */
export const full = () => state.plan !== null && state.plan.used >= state.plan.limit;

export const providerOf = (key) => state.providers.find((p) => p.key === key);

/** A provider's name, also of one that has left the catalogue. */
export const nameOf = (key) => providerOf(key)?.name ?? key;

/** Whether changes only come in: by the direction, or because the calendar can only be read. */
export const onlyIn = (i) => i.settings.direction === 'from_provider' || i.notices.some((n) => n.code === 'calendar_read_only');
