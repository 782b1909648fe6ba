// The last runs as two rows of bars: how much each changed and how long it took.
// The list below it says the same in words, run by run.

import { h, svg } from './dom.js';
import { count, took } from './time.js';
import { outcome, totals } from './words.js';

const most = 30; // runs
const least = 20; // places, so that three runs don't become three planks
const width = 600;
const row = 44; // height of a row of bars
const gap = 12;

const changes = (r) => Object.values(totals(r)).reduce((a, b) => a + b, 0);
const lasted = (r) => Date.parse(r.ended_at) - Date.parse(r.started_at);

/** The chart; runs come newest first. Nothing where there is nothing to compare. */
export function chart(runs) {
  const shown = runs.slice(0, most).reverse();
  if (shown.length < 3) return null;
  const step = width / Math.max(shown.length, least);
  const top = { changes: Math.max(1, ...shown.map(changes)), lasted: Math.max(1, ...shown.map(lasted)) };
  // Square roots: a first sync of thousands must not flatten everything after it.
  const first = width - shown.length * step; // the newest is at the right edge
  const bar = (r, n, value, max, base, tone) => {
    const height = value === 0 ? 1 : Math.max(3, Math.sqrt(value / max) * row);
    return svg('rect', { class: `${tone} ${r.state}`, x: (first + n * step + step * 0.14).toFixed(1), y: (base - height).toFixed(1), width: (step * 0.72).toFixed(1), height: height.toFixed(1), rx: 2 });
  };
  const bottom = row * 2 + gap;
  return h('figure', { class: 'chart' },
    svg('svg', { viewBox: `0 0 ${width} ${bottom}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': summary(shown, top) },
      [row, bottom].map((y) => svg('rect', { class: 'axis', x: 0, y: y - 1, width, height: 1 })),
      shown.map((r, n) =>
        svg('g', null,
          svg('title', null, `${outcome(r)} in ${took(lasted(r))}`),
          svg('rect', { class: 'hit', x: first + n * step, y: 0, width: step, height: bottom }),
          bar(r, n, changes(r), top.changes, row, 'changes'),
          bar(r, n, lasted(r), top.lasted, bottom, 'lasted')))),
    h('figcaption', { class: 'soft' },
      h('span', { class: 'key changes' }, `Changes, at most ${count(top.changes, 'event')}`),
      h('span', { class: 'key lasted' }, `Duration, at most ${took(top.lasted)}`),
      shown.some((r) => r.state === 'failed') && h('span', { class: 'key failed' }, 'Failed')));
}

function summary(runs, top) {
  const failed = runs.filter((r) => r.state === 'failed').length;
  return `The last ${runs.length} syncs, oldest first: at most ${count(top.changes, 'event')} changed and ${took(top.lasted)} taken; ${failed ? `${failed} failed` : 'none failed'}.`;
}
