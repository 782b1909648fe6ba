// What the tests see of a page: things by their names, as a person finds them.
// It is put into every page by the browser's own tools, beside the page's scripts.
window.look = {
  /** An element's name, near enough to what a screen reader says. */
  name(e) {
    const labelled = e.getAttribute?.('aria-label');
    if (labelled) return labelled;
    const label = e.labels?.[0];
    return (label ?? e).textContent.replace(/\s+/g, ' ').trim();
  },

  visible: (e) => e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && e.getClientRects().length > 0,

  /** What can be operated, by its name or how that begins; in the dialog where one is open. */
  find(name) {
    const scope = document.querySelector('dialog[open]') ?? document;
    const all = [...scope.querySelectorAll('a[href], button, summary, input, select, textarea')].filter(
      (e) => (e.type === 'radio' || e.type === 'checkbox' ? look.visible(e.labels[0]) : look.visible(e)));
    return all.find((e) => look.name(e) === name) ?? all.find((e) => look.name(e).startsWith(name)) ?? null;
  },

  /** Where to point the mouse at it; null where it isn't there, is covered or can't be pressed now. */
  at(name) {
    const e = look.find(name);
    if (!e || e.disabled || e.getAttribute('aria-disabled') === 'true') return null;
    e.scrollIntoView({ block: 'center', behavior: 'instant' });
    const r = e.getBoundingClientRect();
    const [x, y] = [r.x + r.width / 2, r.y + Math.min(r.height / 2, 16)];
    const hit = document.elementFromPoint(x, y);
    return hit && (e.contains(hit) || e.labels?.[0]?.contains(hit)) ? [x, y] : null;
  },

  ready: (name) => look.at(name) !== null,
  focused: () => (document.activeElement && document.activeElement !== document.body ? look.name(document.activeElement) : ''),
  text: (selector = 'body') => [...document.querySelectorAll(selector)].map((e) => e.innerText).join('\n'),
  says: (text, selector) => look.text(selector).includes(text),
  heard: [],

  /** Elements that are wider than the window, which makes people scroll sideways. */
  wide() {
    const most = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= most) return [];
    return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > most + 1 && look.visible(e)).map((e) => `${e.tagName}.${e.className?.baseVal ?? e.className}`);
  },
};

// What a screen reader would have been told, and how far the page has jumped.
addEventListener('DOMContentLoaded', () => {
  const live = document.getElementById('live');
  if (live) new MutationObserver(() => live.textContent && look.heard.push(live.textContent)).observe(live, { childList: true, characterData: true, subtree: true });
});
look.jumps = [];
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) if (!e.hadRecentInput) look.jumps.push(`${e.value.toFixed(3)} ${e.startTime.toFixed(0)} ${e.sources.map((s) => `${s.node?.nodeName}.${s.node?.className} ${s.previousRect.y}>${s.currentRect.y}`).join(', ')}`);
}).observe({ type: 'layout-shift', buffered: true });

// An answer that gets lost on its way, after what was asked for was done: so often.
look.lose = (method, path, times) => {
  const real = window.fetch;
  window.fetch = async (address, options) => {
    const answer = await real(address, options);
    if (times <= 0 || (options?.method ?? 'GET') !== method || !String(address).startsWith(path)) return answer;
    times--;
    throw new TypeError('lost');
  };
};

// Answers that a test gives in the API's place, as often as it says.
look.instead = (method, path, times, status, headers, body) => {
  const real = window.fetch;
  window.fetch = (address, options) => {
    if (times > 0 && (options?.method ?? 'GET') === method && String(address).startsWith(path)) {
      times--;
      return Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } }));
    }
    return real(address, options);
  };
};
