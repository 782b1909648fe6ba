// Coming back from a provider's page. The API's callback sends the browser to
// this page with code and state, or an error, in the fragment, where no server
// log sees them; they are posted with this page's own token, so whoever finishes
// a flow is who began it.

import { LEFT } from './act.js';
import { call, wait } from './api.js';
import { busy } from './busy.js';
import { Problem } from './failures.js';
import { say } from './live.js';
import { look } from './poll.js';
import { state } from './state.js';

const patience = 8; // times that an old grant's revoking is waited out

/** Takes what was handed over out of the address, at once; null where nothing was. */
export function handed() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has('state') || !(given.has('code') || given.has('error'))) return null;
  history.replaceState(null, '', location.pathname);
  return given.has('error') ? { error: given.get('error'), state: given.get('state') } : { code: given.get('code'), state: given.get('state') };
}

/** The integration that this tab left for its provider with; '' where it isn't known. */
export const left = () => sessionStorage.getItem(LEFT) ?? '';

/** Finishes the flow. */
export async function complete(returned) {
  const key = left();
  sessionStorage.removeItem(LEFT);
  go(key);
  await busy(key, 'complete', async () => {
    const i = await post(returned);
    go(i.provider);
    if (i.status === 'testing') say('Access granted.'); // what is seen of it is the status
    await look();
  });
}

// go shows one integration, in place of the address that handed us the code.
function go(key) {
  if (key) history.replaceState(null, '', `#${key}`);
  state.route = key;
}

async function post(returned) {
  for (let tries = 1; ; tries++) {
    try {
      return (await call('POST', '/v1/oauth/complete', { body: returned })).body;
    } catch (e) {
      // Answered before the state is used up, so the same request may come again.
      if (!(e instanceof Problem && e.code === 'revoking') || tries === patience) throw e;
      say(e.message);
      await wait((e.retryAfter || 2) * 1000);
    }
  }
}
