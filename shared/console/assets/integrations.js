// Agent > Integrations: where the page begins.

import { acts } from './act.js';
import { nameOf, running } from './decide.js';
import { dialog } from './dialogs.js';
import { begin, draws, routed } from './frame.js';
import { pace, read } from './load.js';
import { look, reads } from './poll.js';
import { complete, handed, left } from './return.js';
import { state } from './state.js';
import { all, one } from './views.js';

const returned = handed(); // before anything else: it leaves the address

function route() {
  state.route = named() || (returned ? left() : '');
}

function named() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return ''; // an address that somebody cut off
  }
}

draws(() => {
  const i = state.integrations.get(state.route);
  document.title = `${i ? nameOf(i.provider) : 'Integrations'} · Aura`;
  return i ? one(i) : all();
}, dialog);

routed(() => {
  route();
  if (state.route) look();
  return true;
});

route();
reads(read, pace);
begin({
  acts,
  moving: () => [...state.integrations.keys()].some(running),
  parking: returned,
  then: (parked) => complete(returned ?? parked),
});
