// @ts-check
// A classic script in the head: it runs before the first paint, so that a remembered theme never
// flashes in the other one.
(() => {
  const key = 'failtrace-theme';
  /** @typedef {'auto' | 'light' | 'dark'} Theme */

  /** @type {Record<Theme, Theme>} */
  const next = { auto: 'light', light: 'dark', dark: 'auto' };
  const titles = { auto: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' };
  const root = document.documentElement;

  /** @returns {Theme} */
  const remembered = () => {
    try {
      const theme = localStorage.getItem(key);
      return theme === 'light' || theme === 'dark' ? theme : 'auto';
    } catch {
      // Storage may be forbidden; then the page follows the system.
      return 'auto';
    }
  };

  /** @param {Theme} theme */
  const remember = (theme) => {
    try {
      localStorage.setItem(key, theme);
    } catch (problem) {
      console.debug('the theme is not remembered', problem);
    }
  };

  /** @param {Theme} theme */
  const apply = (theme) => {
    root.dataset['theme'] = theme;
  };

  apply(remembered());

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    if (button === null) return;
    let theme = remembered();
    const show = () => {
      button.title = titles[theme];
      button.setAttribute('aria-label', titles[theme]);
    };
    show();
    button.addEventListener('click', () => {
      theme = next[theme];
      apply(theme);
      remember(theme);
      show();
    });
  });
})();
