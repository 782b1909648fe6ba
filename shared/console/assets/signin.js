// Who is signed in. The token lives in this module's memory and nowhere else:
// another page, a reload or a look into the browser's storage finds none.
//
// The local run gives tokens out for the asking. Deployed, the page is a public
// client of the configured OpenID Connect issuer: code flow with PKCE (RFC 7636),
// no secret. The verifier and the place to come back to have to survive the trip
// to the issuer, so they wait in this tab's sessionStorage until it is over; so
// does what an integration's provider has just handed over (see park): a code
// that only this person's token, and the verifier at the server, can redeem.

import { reach, SignedOut } from './failures.js';
import { config, setClock } from './state.js';

const WAITING = 'aura.signin';
const early = 30_000; // a token is renewed this many ms before it expires

let held = null; // { token, until, refresh }
let pending = null;
let parked = null;

/** Gives a token, a new one if asked for. Many callers share one request. */
export function token(renew = false) {
  if (!renew && Date.now() < held?.until) return Promise.resolve(held.token);
  pending ??= obtain().finally(() => (pending = null));
  return pending;
}

/** Keeps something over a trip to the issuer; arrive gives it back. */
export function park(what) {
  parked = what;
}

async function obtain() {
  if (config.token_url) return keep(await post(config.token_url, JSON.stringify({ account: 'demo', user: 'demo' }), 'application/json'));
  if (!config.issuer) throw new SignedOut('This page was deployed without an issuer to sign in at.');
  if (!held) return leave();
  const { refresh } = held;
  held = {}; // refused, it must not be sent again; and nobody is sent away from what they are at
  if (!refresh) throw new SignedOut('Your session has ended. What you see may be out of date.');
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh, client_id: config.client_id });
  return keep(await post((await discover()).token_endpoint, form));
}

function keep(answer) {
  const life = (answer.expires_in ?? 300) * 1000;
  held = { token: answer.access_token, until: Date.now() + Math.max(life - early, life / 2), refresh: answer.refresh_token };
  return held.token;
}

async function post(address, body, type) {
  const res = await reach(address, { method: 'POST', body, headers: type ? { 'Content-Type': type } : {} });
  if (config.token_url) setClock(res.headers.get('Date'));
  if (!res.ok) throw new SignedOut('You have been signed out. Load the page again to sign in.');
  return res.json();
}

async function discover() {
  const res = await reach(`${config.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (!res.ok) throw new SignedOut('The place to sign in at doesn’t answer as it should. Try again later.');
  return res.json();
}

const text = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const random = () => text(crypto.getRandomValues(new Uint8Array(32)));
const here = () => location.origin + location.pathname;

/** Goes to the issuer; the promise never settles, since the page is left. */
async function leave() {
  const place = await discover();
  const verifier = random();
  const state = random();
  const challenge = text(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
  sessionStorage.setItem(WAITING, JSON.stringify({ verifier, state, hash: location.hash, parked }));
  const query = new URLSearchParams({
    response_type: 'code', client_id: config.client_id, redirect_uri: here(), scope: config.scope,
    state, code_challenge: challenge, code_challenge_method: 'S256',
  });
  location.assign(`${place.authorization_endpoint}?${query}`);
  return new Promise(() => {});
}

/**
 * Takes up what the issuer sent us back with, before anything else is asked
 * for, and gives what was parked.
 */
export async function arrive() {
  const query = new URLSearchParams(location.search);
  const waiting = JSON.parse(sessionStorage.getItem(WAITING) ?? 'null');
  if (!waiting || !query.has('state')) return null;
  sessionStorage.removeItem(WAITING);
  history.replaceState(null, '', location.pathname + waiting.hash);
  if (query.get('state') !== waiting.state) throw new SignedOut('That sign-in was begun somewhere else. Load the page again.');
  if (!query.has('code')) throw new SignedOut('You aren’t signed in. Load the page again to sign in.');
  const form = new URLSearchParams({
    grant_type: 'authorization_code', code: query.get('code'), redirect_uri: here(),
    client_id: config.client_id, code_verifier: waiting.verifier,
  });
  keep(await post((await discover()).token_endpoint, form));
  return waiting.parked;
}
