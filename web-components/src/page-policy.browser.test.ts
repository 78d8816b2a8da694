import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { failedRun } from './testing/runs.ts';
import { openStage, partsOf, type Stage } from './testing/stage.ts';

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.api.forget();
  stage.api.runs(failedRun('1'));
});
afterEach(() => page.context().close());

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html',
].join('; ');

it('works under the strictest content security policy, and violates nothing', async () => {
  page = await stage.open('<failure-chip run-id="1" error-message="Boom"></failure-chip>', {
    head: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    before: () => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        document.documentElement.dataset['violated'] = effectiveDirective;
      });
      // Takes the way without the Clipboard API too.
      Object.defineProperty(Clipboard.prototype, 'writeText', { value: () => Promise.reject() });
    },
  });
  const { chip, popover, copy, download } = partsOf(page);
  await chip.click();
  await popover.locator('time').waitFor();
  await copy.click();
  await expect.poll(() => copy.textContent()).toContain('Copied');
  expect(await chip.evaluate((button) => getComputedStyle(button).display)).toBe('flex');
  const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
  expect(file.suggestedFilename()).toBe('run_1_trace.txt');
  expect(await page.locator('html').getAttribute('data-violated')).toBeNull();
});

it('adds nothing to the height of a page whose table scrolls by itself', async () => {
  const rows = '<tr><td><failure-chip run-id="1" error-message="Boom"></failure-chip></td></tr>';
  page = await stage.open(
    `<div style="height: 200px; overflow: auto"><table>${rows.repeat(100)}</table></div>`,
  );
  const { scrollHeight, clientHeight } = await page.evaluate(() => ({
    scrollHeight: document.documentElement.scrollHeight,
    clientHeight: document.documentElement.clientHeight,
  }));
  expect(scrollHeight).toBe(clientHeight);
});
