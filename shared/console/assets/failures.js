// What can go wrong with a call. Everything else is a defect of the page.

/** The API's own words about what went wrong (RFC 9457). */
export class Problem extends Error {
  constructor(status, document, retryAfter) {
    super(document.detail ?? document.message ?? `Aura answered with status ${status}.`);
    this.status = status;
    this.code = document.code ?? (status === 401 ? 'unauthorized' : 'unknown');
    this.fix = document.fix ?? null;
    this.reference = status >= 500 ? document.correlation_id : null; // what an operator can look up
    this.retryAfter = retryAfter; // seconds, 0 where it wasn't said
    this.document = document;
  }
}

/** No answer: no network, or no server. A change may or may not have been made. */
export class Unreachable extends Error {
  constructor() {
    super('Aura can’t be reached.');
  }
}

/** Nobody is signed in, and the page can't help that by itself. */
export class SignedOut extends Error {}

/** fetch, whose failures are Unreachable. */
export async function reach(address, options) {
  try {
    return await fetch(address, options);
  } catch {
    throw new Unreachable();
  }
}
