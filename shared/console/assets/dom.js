// Elements without HTML: everything on the page is made here, by createElement
// and text nodes, so that no title, name or message can ever become markup. The
// policy's `require-trusted-types-for 'script'` makes the browser insist on it.

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element. Of the props `false`, `null` and `undefined` are left out, `true` is an empty attribute. */
export const h = (tag, props, ...kids) => build(document.createElement(tag), props, kids);

/** The same for SVG. */
export const svg = (tag, props, ...kids) => build(document.createElementNS(SVG, tag), props, kids);

function build(element, props, kids) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...kids.flat(Infinity).filter((k) => k !== false && k !== null && k !== undefined && k !== ''));
  return element;
}

/** A link that leads out: anything but http and https stays plain text. */
export function outward(address, text, props) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return h('span', null, text);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return h('span', null, text);
  return h('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer', ...props }, text);
}

/**
 * Makes root's children equal to the given ones, changing as little as it can:
 * what stays keeps its focus, its selection and whether it is unfolded. A view
 * is therefore a plain function of the state, drawn anew as often as one likes.
 */
export function morph(root, kids) {
  const fresh = document.createDocumentFragment();
  fresh.append(...[kids].flat(Infinity).filter(Boolean));
  patchChildren(root, fresh);
}

function patchChildren(old, fresh) {
  const keyed = new Map();
  for (const c of old.children) if (c.dataset.key) keyed.set(c.dataset.key, c);
  const wanted = new Set([...fresh.children].map((c) => c.dataset.key).filter(Boolean));
  let at = old.firstChild;
  for (const want of [...fresh.childNodes]) {
    const key = want.dataset?.key;
    const have = key ? keyed.get(key) : at;
    if (!have || !alike(have, want)) {
      old.insertBefore(want, at);
      continue;
    }
    // What is in its way and has no place any more goes first: moved, it would
    // lose the focus.
    while (at && at !== have && !wanted.has(at.dataset?.key)) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
    if (have === at) at = at.nextSibling;
    else old.insertBefore(have, at);
    patch(have, want);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function alike(have, want) {
  return have.nodeType === want.nodeType && have.nodeName === want.nodeName && have.dataset?.key === want.dataset?.key && have.type === want.type;
}

function patch(have, want) {
  if (have.nodeType === Node.TEXT_NODE) {
    if (have.data !== want.data) have.data = want.data;
    return;
  }
  for (const { name } of [...have.attributes]) {
    // Whether something is unfolded is the reader's to decide.
    if (!want.hasAttribute(name) && !(name === 'open' && have.nodeName === 'DETAILS')) have.removeAttribute(name);
  }
  for (const { name, value } of want.attributes) if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  patchChildren(have, want);
  if (have.nodeName === 'INPUT') {
    if (have.checked !== want.checked) have.checked = want.checked;
    if (have.value !== want.value) have.value = want.value;
  } else if (['SELECT', 'TEXTAREA'].includes(have.nodeName) && have.value !== want.value) {
    have.value = want.value;
  }
}
