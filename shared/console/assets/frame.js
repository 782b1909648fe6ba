// What the pages have in common: signing in, drawing, clicks, the dialog, coming
// back from elsewhere, and what is shown before there is anything to show.

import { h, morph } from './dom.js';
import { SignedOut, Unreachable } from './failures.js';
import { list } from './load.js';
import { button } from './parts.js';
import { look } from './poll.js';
import { arrive, park } from './signin.js';
import { drawing, now, put, render, state } from './state.js';

const main = document.getElementById('main');
const sheet = document.getElementById('dialog');
const banner = document.getElementById('banner');

let view = () => [];
let sheets = () => [];
let moved = () => false;
let acts = {};

/** Says what the page shows once there is something, and what stands in a dialog. */
export function draws(page, dialogs) {
  view = page;
  sheets = dialogs ?? sheets;
}

/** Says what to do when the address's fragment has changed; true where that is another page. */
export const routed = (what) => (moved = what);

function draw() {
  morph(banner, state.away && state.phase === 'ready' ? away() : []);
  if (state.phase === 'loading') return;
  main.removeAttribute('aria-busy');
  const focused = main.contains(document.activeElement);
  morph(main, state.phase === 'failed' ? broken(state.problem) : view());
  if (focused && document.activeElement === document.body) heading();
  if (state.dialog) {
    morph(sheet, sheets(state.dialog));
    if (!sheet.open) show();
  } else if (sheet.open) {
    sheet.close();
  }
}

// The second click of two would meet the dialog that the first one opened: for a
// moment the mouse has no effect on it.
function show() {
  sheet.classList.add('fresh');
  setTimeout(() => sheet.classList.remove('fresh'), 400);
  sheet.showModal();
}

function away() {
  const seconds = Math.ceil((state.away.next - now()) / 1000);
  return h('div', { class: 'away' }, h('div', null,
    h('p', null, `Aura can’t be reached, so what you see may be out of date. Trying again${seconds > 0 ? ` in ${seconds} s` : ''}…`),
    button('Try now', 'look', '', { kind: 'small' })));
}

/** What is shown where nothing could be read. */
export function broken(problem) {
  const lost = problem instanceof Unreachable;
  return h('div', { class: 'panel lonely' },
    h('h1', { tabindex: '-1' }, lost ? 'Aura can’t be reached' : 'This didn’t work'),
    h('p', null, lost ? 'Check your network. The page goes on by itself as soon as Aura answers.' : problem.message),
    problem.reference && h('p', { class: 'soft' }, 'Reference: ', h('code', null, problem.reference)),
    h('p', { class: 'row' }, problem instanceof SignedOut ? button('Sign in again', 'signin', '', { kind: 'primary' }) : button('Try again', 'look', '', { kind: 'primary' })));
}

function press(e) {
  const b = e.target.closest('[data-act]');
  if (!b) {
    if (e.target === sheet && !typed()) shut(); // the space around the dialog
    return;
  }
  if (b.tagName === 'A') e.preventDefault();
  if (b.getAttribute('aria-disabled') === 'true') return;
  const { act, arg, more } = b.dataset;
  if (act === 'open') open(more, arg);
  else if (act === 'close') shut();
  else if (act === 'skip') main.focus();
  else if (act === 'look') look();
  else if (act === 'signin') location.reload(); // which leads to the issuer
  else acts[act](arg, more);
}

async function open(kind, key) {
  state.dialog = { kind, key, chosen: state.lists[key]?.calendars?.items.find((c) => c.selected)?.id };
  render();
  if (kind !== 'calendar' || state.lists[key]?.calendars?.state === 'ready') return;
  await list(key, 'calendars').catch((e) => Object.assign(state.lists[key].calendars, { state: 'failed', problem: e }));
  if (state.dialog?.kind === kind) state.dialog.chosen ??= state.lists[key].calendars.items.find((c) => c.selected)?.id;
  render();
}

// Whether something was typed into the dialog, which a click beside it mustn't lose.
const typed = () => JSON.stringify(state.dialog?.form) !== JSON.stringify(state.dialog?.was);

function shut() {
  const work = state.busy[state.dialog?.key];
  if (work && work !== 'recalendars') return; // it closes by itself, with the answer
  state.dialog = null;
  render();
}

// What is chosen goes into the state; the views show it from there.
function input(e) {
  const { bind, as } = e.target.dataset;
  if (!bind) return;
  const { type, value, checked } = e.target;
  const ticked = () => [...document.querySelectorAll(`[data-bind="${bind}"]:checked`)].map((b) => b.value);
  put(bind, as === 'list' ? ticked() : as === 'number' ? Number(value) : type === 'checkbox' ? checked : value);
  acts.typed?.(bind);
  render();
}

/** Focuses the heading: where a page begins, or where what had the focus is gone. */
const heading = () => (main.querySelector('h1') ?? main).focus({ preventScroll: true });

function listen() {
  document.addEventListener('click', press);
  document.addEventListener('input', input);
  document.addEventListener('toggle', (e) => e.target.open && e.target.dataset.report && acts.report(e.target.dataset.arg, e.target.dataset.report), true);
  sheet.addEventListener('cancel', (e) => {
    e.preventDefault();
    shut();
  });
  // Enter in a field does what the dialog is there for.
  sheet.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' || e.isComposing || !e.target.matches('input:not([type=radio], [type=checkbox])')) return;
    e.preventDefault();
    sheet.querySelector('.primary:not(.danger)')?.click();
  });
  // The browser gives the focus back to what opened the dialog, if that is still there.
  sheet.addEventListener('close', () => document.activeElement === document.body && heading());
  addEventListener('hashchange', () => {
    state.dialog = null;
    const another = moved();
    draw();
    if (!another) return;
    scrollTo(0, 0);
    heading();
  });
  document.addEventListener('visibilitychange', () => document.hidden || look());
  addEventListener('online', look);
  // Back from the provider's page, the browser may show this one as it was left.
  addEventListener('pageshow', (e) => {
    if (!e.persisted) return;
    state.busy = {};
    look();
  });
}

/**
 * Begins: signs in, looks, and does what has to follow. `moving` says whether
 * something is counted by seconds just now; `parking` is what must survive a
 * trip to the issuer, and what was parked is handed to `then`.
 */
export async function begin(page) {
  acts = page.acts;
  document.body.dataset.begun = ''; // from here on what goes wrong is said by the views
  drawing(draw);
  listen();
  const tick = () => {
    if (!document.hidden) render();
    setTimeout(tick, page.moving() || state.away ? 1000 : 10_000);
  };
  let parked = page.parking;
  park(parked);
  try {
    parked ??= await arrive();
  } catch (e) {
    Object.assign(state, { phase: 'failed', problem: e });
    render();
    return;
  }
  await look();
  tick();
  if (parked) await page.then(parked);
}
