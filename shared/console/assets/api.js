// Calls of the API.

import { Problem, reach } from './failures.js';
import { setClock } from './state.js';
import { token } from './signin.js';

const patience = 30_000; // ms until an answer is given up
const repeats = 2; // of a read that was answered 503

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Sends a request and gives `{ body, location, retryAfter }`, or throws a
 * Problem, Unreachable or SignedOut. `match` makes a change conditional on the
 * etag that was read, `key` a creation safe to repeat. A token that isn't accepted is renewed once; reads are
 * repeated as the API asks.
 */
export async function call(method, path, { body, match, key } = {}) {
  for (let attempt = 0; ; attempt++) {
    const res = await send(method, path, body, match, key);
    const retryAfter = Number(res.headers.get('Retry-After')) || 0;
    if (res.status === 401 && attempt === 0) {
      await token(true);
      continue;
    }
    if (method === 'GET' && res.status === 503 && attempt < repeats) {
      await wait(Math.min(retryAfter || 1, 5) * 1000);
      continue;
    }
    const answer = res.status === 204 ? null : await res.json().catch(() => null);
    if (!res.ok) throw new Problem(res.status, answer ?? {}, retryAfter);
    return { body: answer, location: res.headers.get('Location'), retryAfter };
  }
}

async function send(method, path, body, match, key) {
  const headers = { Authorization: `Bearer ${await token()}` };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (match) headers['If-Match'] = match;
  if (key) headers['Idempotency-Key'] = key;
  const res = await reach(path, {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: 'no-store', signal: AbortSignal.timeout(patience),
  });
  setClock(res.headers.get('Date'));
  return res;
}

/** Reads, and gives the answer's body. */
export const get = async (path) => (await call('GET', path)).body;
