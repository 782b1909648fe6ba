// Times and lengths in words. Dates follow the reader's own English where the
// browser speaks English, and plain English where it doesn't: a page in one
// language with dates in another is read out wrongly.

const locale = navigator.language.startsWith('en') ? navigator.language : 'en-GB';
const format = (options) => new Intl.DateTimeFormat(locale, options);

const full = format({ dateStyle: 'medium', timeStyle: 'short' });
const clock = format({ timeStyle: 'short' });
const weekday = format({ weekday: 'long' });
const date = format({ day: 'numeric', month: 'long' });
const withYear = format({ day: 'numeric', month: 'long', year: 'numeric' });
const numbers = new Intl.NumberFormat(locale);

export const number = (n) => numbers.format(n);
export const moment = (t) => full.format(new Date(t));
export const hour = (t) => clock.format(new Date(t));
export const hours = (a, b) => clock.formatRange(a, b);
export const dayName = (t) => weekday.format(t);
export const dayDate = (t) => date.format(t);
export const moments = (a, b) => full.formatRange(new Date(a), new Date(b));
export const span = (a, b) => withYear.formatRange(a, b);

/** One thing or several: `count(2, 'event')` is "2 events". */
export const count = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

/** A length of time, rounded down to one unit, from seconds. */
export function length(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return count(s, 'second');
  if (s < 3600) return count(Math.floor(s / 60), 'minute');
  if (s < 48 * 3600) return count(Math.floor(s / 3600), 'hour');
  return count(Math.floor(s / 86400), 'day');
}

/** How long something took, from milliseconds. */
export function took(ms) {
  if (ms < 1000) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** How long ago a moment was; one that lies ahead by a slow clock is now. */
export function ago(t, now) {
  const s = (now - Date.parse(t)) / 1000;
  return s < 5 ? 'just now' : `${length(s)} ago`;
}

/** How far ahead a moment is; one that has passed is due now. */
export function ahead(t, now) {
  const s = (Date.parse(t) - now) / 1000;
  return s < 1 ? 'now' : `in ${length(s)}`;
}
