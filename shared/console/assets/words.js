// The product's words for the API's codes. Sentences that the API sends itself
// (explanations, reasons, problems) are shown as they come and are not repeated
// here. A code that is newer than this page is shown as it is spelt.

import { ago, ahead, count, moment, number } from './time.js';

/** Statuses: the word, the icon of the same name, and the tone of its colours. */
export const statuses = {
  draft: { word: 'Draft', tone: 'idle' },
  configuring: { word: 'Configuring', tone: 'info' },
  testing: { word: 'Testing', tone: 'info' },
  active: { word: 'Active', tone: 'good' },
  paused: { word: 'Paused', tone: 'idle' },
  error: { word: 'Error', tone: 'bad' },
  disconnected: { word: 'Disconnected', tone: 'warn' },
  none: { word: 'Nothing' },
  gone: { word: 'Deleted' },
};

export const statusWord = (s) => statuses[s]?.word ?? s;

/** What to do about a reason: the steps around the one button. p is the provider's name. */
const todos = {
  credentials_expired: (p) => `Press Reconnect, sign in at ${p} and grant access again. Configuration and history are kept; only the access is renewed.`,
  credentials_revoked: (p) => `Press Reconnect and grant access again at ${p}. Configuration and history are kept.`,
  scope_missing: (p) => `Press Re-authorize and leave every permission ticked on ${p}’s page.`,
  repeated_failures: (p, i, now) => `${i.retry_at ? `Aura tries again by itself ${ahead(i.retry_at, now)}. ` : ''}Reconnecting tries at once. If it fails again, check that ${p} itself is running properly.`,
  calendar_not_found: () => 'Choose another calendar, or have this one shared with you again and choose it anew. Nothing was deleted in Aura.',
  calendar_service_disabled: (p, i) => `Ask the administrator of ${i.account_email ?? 'the account'} to turn the service on, then press Reconnect.`,
  mass_deletion_held: () => 'Look through the list and decide. Until then nothing is deleted and nothing is synced.',
  verification_failed: () => 'Press Try again. If it fails once more, check that the service is running properly, then reconnect.',
};

/** What to do in a status that has no reason. */
const next = {
  draft: (p) => `Sign in at ${p} and allow access to finish the setup. You can choose another calendar afterwards.`,
  configuring: (p) => `Allow access on ${p}’s page. If you have lost that page, open it again from here.`,
  paused: () => 'Resume to go on. What changed meanwhile on either side is caught up with.',
  disconnected: (p, i) => `Reconnect to go on${i.account_email ? ` with ${i.account_email}` : ''}. To use another account, start over with that one.`,
};

/** What is wrong. The API can't know the reader's own time and says the next try's in UTC. */
export function wrong(i) {
  return i.retry_at ? i.reason.message.replace(/[\d-]+ [\d:]+ UTC/, moment(i.retry_at)) : i.reason.message;
}

/** The sentence that says what to do, '' where nothing needs doing. */
export function todo(i, provider, now) {
  const say = i.reason ? todos[i.reason.code] : next[i.status];
  return say ? say(provider, i, now) : '';
}

export const directions = {
  two_way: ['Both ways', 'Changes on either side appear on the other.'],
  from_provider: ['Only into Aura', 'Changes there appear in Aura. What is there can’t be edited in Aura.'],
  to_provider: ['Only out of Aura', 'Changes in Aura appear there. Changes there are listed in the activity and not applied.'],
};

export const intervals = { 1: 'Every minute', 5: 'Every 5 minutes', 15: 'Every 15 minutes', 60: 'Every hour' };

export const roles = { owner: 'Yours', writer: 'You can edit', reader: 'You can view', freeBusyReader: 'Busy times only' };

export const triggers = {
  connected: 'started by Aura', resumed: 'after resuming', sync_now: 'asked for with Sync now', schedule: 'on schedule',
  notification: 'a change was announced', aura_edit: 'an edit in Aura', continuation: 'continued',
};

export const runStates = { queued: 'Waiting', running: 'Running', succeeded: 'Succeeded', failed: 'Failed', superseded: 'Stopped' };

export const phases = {
  queued: 'Waiting to start', verifying: 'Checking the connection', pulling: 'Bringing in changes',
  deleting: 'Applying deletions', pushing: 'Sending changes', finishing: 'Finishing',
};

export const transitions = {
  create: 'Created', replace: 'Started over', begin_authorization: 'Authorization opened', authorized: 'Access granted',
  consent_incomplete: 'A permission was left out', verified: 'Connection verified', verification_failed: 'Verification failed',
  verify_again: 'Verification tried again', calendar_chosen: 'Calendar chosen', pause: 'Paused', resume: 'Resumed',
  credentials_rejected: 'Credentials rejected', access_revoked: 'Access revoked', scope_lost: 'A permission was withdrawn',
  deactivated: 'Deactivated after repeated failures', recovered: 'Recovered', calendar_service_lost: 'Calendar service turned off',
  calendar_lost: 'Calendar lost', held: 'Deletions held back', deletions_confirmed: 'Deletions confirmed',
  deletions_rejected: 'Deletions rejected', disconnect: 'Disconnected', delete: 'Deleted',
};

export const actors = { user: 'by a user', callback: 'by signing in', worker: 'by Aura', operator: 'by an operator' };

const decisions = {
  created: 'New in Aura', updated: 'Changed in Aura', deleted: 'Deleted in Aura', inserted: 'Sent', changed: 'Change sent', deleted_there: 'Deletion sent',
  merged: 'Merged', taken_up: 'Taken up', rebased: 'Brought up to date', conflict: 'Conflict', quarantined: 'Set aside', held: 'Held back', kept: 'Kept', restored: 'Restored', to_be_restored: 'To be restored',
  resync: 'Read anew', occurrence_removed: 'Occurrence cancelled', push_paused: 'Sending paused', postponed: 'Postponed', carried_over: 'Carried over',
  not_applied: 'Not applied', unlinked: 'No longer linked', discarded: 'Edit given up', copy_removed: 'Copy removed', copy_left: 'Copy left',
};

/** What was decided; new codes may appear and are legible as they are. */
export const decided = (what) => decisions[what] ?? what.replaceAll('_', ' ');

/** The counts of a run over both directions; a last_run has them already. */
export function totals(run) {
  if (!run.pulled && !run.pushed) return { created: run.created ?? 0, updated: run.updated ?? 0, deleted: run.deleted ?? 0 };
  const sum = (what) => (run.pulled?.[what] ?? 0) + (run.pushed?.[what] ?? 0);
  return { created: sum('created'), updated: sum('updated'), deleted: sum('deleted') };
}

/** What a run came to, in a few words: "12 new, 1 changed, 1 conflict". */
export function outcome(run) {
  if (run.state === 'failed') return run.error?.message ?? 'It failed.';
  if (run.state === 'superseded') return 'Stopped, because the integration was changed.';
  const t = totals(run);
  const parts = [
    t.created && `${number(t.created)} new`,
    t.updated && `${number(t.updated)} changed`,
    t.deleted && `${number(t.deleted)} deleted`,
    run.conflicts && count(run.conflicts, 'conflict'),
    run.quarantined && `${number(run.quarantined)} set aside`,
  ].filter(Boolean);
  return parts.length ? parts.join(', ') : 'Nothing had changed';
}

/** How fresh the data is and when it is looked at next. */
export function freshness(i, now) {
  const fresh = i.fresh_as_of ? `Up to date ${ago(i.fresh_as_of, now)}`.replace(' just now', '') : 'Not synced yet';
  return i.next_sync_at ? `${fresh}; next check ${ahead(i.next_sync_at, now)}` : fresh;
}

/** Where a sync stands. */
export function progress(run, now) {
  const p = run.progress ?? { phase: run.state, events: 0 };
  const parts = [phases[p.phase] ?? p.phase];
  if (p.events) parts.push(count(p.events, 'event'));
  if (run.started_at) parts.push(`${Math.max(0, Math.floor((now - Date.parse(run.started_at)) / 1000))} s`);
  return parts.join(' · ');
}
