// Drives the simulator with Google's own Node client.
//
// Everything is done as Google's documentation shows it; the only thing told
// to the client is another host. What was seen is printed as one JSON object,
// which the Go test compares with what the simulator really holds.
'use strict';

const assert = require('node:assert/strict');
const { auth, calendar } = require('@googleapis/calendar');
const { CodeChallengeMethod } = require('google-auth-library');

const { SIM_URL: base, SIM_CLIENT_ID: clientId, SIM_CLIENT_SECRET: clientSecret, SIM_ACCOUNT: account } = process.env;
const count = Number(process.env.SIM_COUNT);
const redirectUri = 'http://127.0.0.1:9/callback';
const scope = [
  'openid',
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/calendar.events',
  'https://www.googleapis.com/auth/calendar.calendarlist.readonly',
];
const seen = {};

// A consent page as a person fills it in: nothing unticked, Allow.
async function consent(url) {
  const page = await (await fetch(url)).text();
  const form = new URLSearchParams();
  const attributes = (tag) => Object.fromEntries(
    [...tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].slice(1).map(([, k, v]) => [k, unescape(v ?? '')]));
  const unescape = (s) => s.replace(/&#(\d+);/g, (_, n) => String.fromCharCode(n)).replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  for (const [tag, name] of page.matchAll(/<(input|button)\b[^>]*>/g)) {
    const at = attributes(tag);
    const chosen = name === 'button' ? at.value === 'allow'
      : at.type === 'radio' ? at.value === account : at.type === 'hidden' || 'checked' in at;
    if (chosen) form.append(at.name, at.value);
  }
  const [, action] = page.match(/<form[^>]*action="([^"]*)"/);
  const answer = await fetch(new URL(action, url), { method: 'POST', body: form, redirect: 'manual' });
  assert.equal(answer.status, 303, await answer.text());
  return new URL(answer.headers.get('location')).searchParams;
}

async function connect() {
  const endpoints = await (await fetch(base + '/.well-known/openid-configuration')).json();
  const client = new auth.OAuth2({
    clientId, clientSecret, redirectUri,
    forceRefreshOnFailure: true,
    issuers: [endpoints.issuer],
    endpoints: {
      oauth2AuthBaseUrl: endpoints.authorization_endpoint,
      oauth2TokenUrl: endpoints.token_endpoint,
      oauth2RevokeUrl: endpoints.revocation_endpoint,
      oauth2FederatedSignonJwkCertsUrl: endpoints.jwks_uri,
    },
  });
  const { codeVerifier, codeChallenge } = await client.generateCodeVerifierAsync();
  const url = client.generateAuthUrl({
    access_type: 'offline', prompt: 'consent', include_granted_scopes: true, scope, state: 'a state & more',
    code_challenge: codeChallenge, code_challenge_method: CodeChallengeMethod.S256,
  });
  const back = await consent(url);
  assert.equal(back.get('state'), 'a state & more');
  const { tokens } = await client.getToken({ code: back.get('code'), codeVerifier });
  assert.ok(tokens.refresh_token, 'no refresh token');
  assert.deepEqual(tokens.scope.split(' ').sort(), [...scope].sort());
  client.setCredentials(tokens);
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'));
  assert.equal(claims.iss, endpoints.issuer);
  assert.equal(claims.aud, clientId);
  Object.assign(seen, { sub: claims.sub, email: claims.email });
  return client;
}

// Lists to the end and returns the events and the token for next time.
async function sync(api, first) {
  const events = [];
  for (let pages = 1, pageToken; ; pages++) {
    const { data } = await api.events.list({ calendarId: 'primary', ...first, pageToken });
    events.push(...data.items);
    assert.notEqual('nextPageToken' in data, 'nextSyncToken' in data);
    pageToken = data.nextPageToken;
    if (!pageToken) return { events, pages, token: data.nextSyncToken };
  }
}

async function refused(status, reason, call) {
  await assert.rejects(call, (e) => {
    assert.equal(e.status ?? Number(e.code), status, String(e));
    assert.equal(e.response.data.error.errors[0].reason, reason);
    return true;
  });
}

async function oneEvent(api, token) {
  const at = (hour) => ({ dateTime: `2027-01-12T${hour}:00:00+01:00`, timeZone: 'Europe/Madrid' });
  const { data: event } = await api.events.insert({
    calendarId: 'primary', requestBody: { summary: 'From Node', start: at('09'), end: at('10') },
  });
  const patch = (summary, etag) => api.events.patch(
    { calendarId: 'primary', eventId: event.id, requestBody: { summary } }, { headers: { 'If-Match': etag } });
  const { data: patched } = await patch('Patched', event.etag);
  assert.equal(patched.summary, 'Patched');
  assert.notEqual(patched.etag, event.etag);
  await refused(412, 'conditionNotMet', () => patch('Too late', event.etag));
  let next = await sync(api, { syncToken: token });
  assert.deepEqual(next.events.map((e) => [e.id, e.summary]), [[event.id, 'Patched']]);

  const remove = () => api.events.delete({ calendarId: 'primary', eventId: event.id });
  await remove();
  await refused(410, 'deleted', remove);
  next = await sync(api, { syncToken: next.token });
  assert.deepEqual(next.events.map((e) => [e.id, e.status]), [[event.id, 'cancelled']]);
  await refused(400, 'invalid', () => api.events.list({ calendarId: 'primary', syncToken: 'garbage' }));
  return next.token;
}

async function manyEvents(api, token) {
  const started = performance.now();
  const ids = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) {
      const date = new Date(Date.UTC(2027, n % 12, 1 + (n % 28))).toISOString().slice(0, 10);
      const end = new Date(Date.UTC(2027, n % 12, 2 + (n % 28))).toISOString().slice(0, 10);
      const { data } = await api.events.insert({
        calendarId: 'primary', requestBody: { summary: `Parallel ${n}`, start: { date }, end: { date: end } },
      });
      ids.push(data.id);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  const { events, pages } = await sync(api, { syncToken: token, maxResults: 250 });
  assert.deepEqual(events.map((e) => e.id).sort(), ids.sort());
  Object.assign(seen, { inserted: ids.length, inserted_pages: pages });
  seen.seconds = Math.round(performance.now() - started) / 1000;
}

async function expiryAndRevocation(client, api) {
  // An hour passes at Google. The client's own clock does not say so, and it
  // has to find out by a 401.
  const before = client.credentials.access_token;
  const moved = await fetch(base + '/sim/clock', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ advance: '61m' }),
  });
  assert.ok(moved.ok, await moved.text());
  await api.calendarList.list();
  assert.notEqual(client.credentials.access_token, before, 'the access token was not refreshed');
  await client.revokeToken(client.credentials.refresh_token);
  await assert.rejects(() => client.refreshAccessToken(), (e) => e.response.data.error === 'invalid_grant');
}

async function main() {
  const client = await connect();
  const api = calendar({ version: 'v3', auth: client, rootUrl: base + '/' });
  const { data } = await api.calendarList.list();
  seen.calendars = Object.fromEntries(data.items.map((c) => [c.id, c.accessRole]));
  const first = await sync(api, { maxResults: 50 });
  Object.assign(seen, { listed: first.events.length, pages: first.pages });
  const again = await sync(api, { syncToken: first.token });
  assert.deepEqual(again.events, []);
  const token = await oneEvent(api, again.token);
  await manyEvents(api, token);
  await expiryAndRevocation(client, api);
  process.stdout.write(JSON.stringify(seen));
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
