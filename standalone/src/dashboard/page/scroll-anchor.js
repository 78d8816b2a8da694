// @ts-check

/**
 * Keeps what a person looks at where it is while rows arrive above it: the row whose chip is open,
 * or else, on a page that was scrolled, the first row in view. Browsers do the latter by
 * themselves, but not all of them, and none at the top of the page.
 * @param {HTMLTableSectionElement} body
 * @returns {(change: () => void) => void} makes a change to the rows and scrolls by what it shifted
 */
export function createScrollAnchor(body) {
  /** @type {Element | null} */
  let openRow = null;
  body.addEventListener('failtrace-open', (event) => {
    openRow = event.target instanceof Element ? event.target.closest('tr') : null;
  });
  body.addEventListener('failtrace-close', () => {
    openRow = null;
  });

  const findAnchor = () => {
    if (openRow?.isConnected) return openRow;
    if (scrollY === 0) return null;
    return Array.from(body.rows).find((row) => row.getBoundingClientRect().top >= 0) ?? null;
  };

  return (change) => {
    const anchor = findAnchor();
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    if (!anchor?.isConnected) return;
    const shift = anchor.getBoundingClientRect().top - before;
    if (shift !== 0) scrollBy({ top: shift, behavior: 'instant' });
  };
}
