/** Chips a little outside the viewport are looked up too, so that scrolling finds them ready. */
const nearby = '200px';

/**
 * Calls back once, when the element comes into view or near it. At once where the browser cannot
 * tell.
 *
 * @returns a function that stops waiting.
 */
export function whenVisible(element: Element, callback: () => void): () => void {
  if (typeof IntersectionObserver === 'undefined') {
    callback();
    return () => undefined;
  }
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      callback();
    },
    { rootMargin: nearby },
  );
  observer.observe(element);
  return () => observer.disconnect();
}
