// The icons: strokes on a 20 by 20 grid, in the colour of the text beside them.
// They repeat what a word says, so no screen reader is told of them.

import { svg } from './dom.js';

const paths = {
  calendar: 'M4 6.5h12M6.5 3v3m7-3v3M5 4.5h10A1.5 1.5 0 0 1 16.5 6v9a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 15V6A1.5 1.5 0 0 1 5 4.5Zm1.8 5.7h.01M10 10.2h.01m3.2 0h.01M6.8 13.3h.01m3.2 0h.01',
  draft: 'M12.5 4.5 15.5 7.5 8 15l-3.6.6L5 12Z',
  configuring: 'M4 6h6m4 0h2M4 14h2m4 0h6M12 4v4M8 12v4',
  testing: 'M10 3.5a6.5 6.5 0 1 1-6.1 4.3',
  active: 'M4.5 10.5 8.3 14.2 15.5 6.5',
  paused: 'M7.5 5.5v9m5-9v9',
  error: 'M10 3.6 17.2 16H2.8ZM10 8.4v3.4m0 2.2v.01',
  disconnected: 'M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14ZM5.2 5.2l9.6 9.6',
  info: 'M10 9.2v4.6M10 6.4v.01M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z',
  bad: 'M10 6v5m0 2.8v.01M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z',
  good: 'M6.8 10.3 9 12.5 13.3 8M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z',
  right: 'M8 5.5 12.5 10 8 14.5',
  left: 'M12 5.5 7.5 10 12 14.5',
  close: 'M5.5 5.5l9 9m0-9-9 9',
};

/** An icon by its name. */
export function icon(name, more = '') {
  return svg('svg', { class: `icon ${more}`.trim(), viewBox: '0 0 20 20', 'aria-hidden': 'true', focusable: 'false' }, svg('path', { d: paths[name] }));
}
