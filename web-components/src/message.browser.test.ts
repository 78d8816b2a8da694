import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { failedRun } from './testing/runs.ts';
import { openStage, partsOf, type Stage } from './testing/stage.ts';

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => stage.api.forget());
afterEach(() => page.context().close());

async function openWith(message: string, attribute = 'Boom') {
  stage.api.runs(failedRun('run_1', { error_message: message }));
  page = await stage.open('<failure-chip run-id="run_1"></failure-chip>', {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const parts = partsOf(page);
  await parts.host.evaluate((chip, text) => chip.setAttribute('error-message', text), attribute);
  await parts.chip.click();
  await parts.popover.locator('time').waitFor();
  return parts;
}

describe('the message', () => {
  it('is whole, with its line breaks and its indentation', async () => {
    const whole = `Order 4711 not found\n\n    at shop\n\tat till ${'x'.repeat(5_000)} end`;
    const { message, chip } = await openWith(whole, 'Order 4711…');
    expect(await message.textContent()).toBe(whole);
    expect(await message.evaluate((element) => getComputedStyle(element).whiteSpaceCollapse)).toBe(
      'preserve',
    );
    expect(await chip.textContent()).toContain('Order 4711…');
  });

  it('is text and never markup', async () => {
    const hostile = '<img src=x onerror="document.title=\'owned\'"><script>1</script>&amp;</div>';
    const { message, chip } = await openWith(hostile, hostile);
    expect(await message.textContent()).toBe(hostile);
    expect(await chip.textContent()).toContain(hostile);
    expect(await page.locator('failure-chip img, failure-chip script').count()).toBe(0);
    expect(await page.title()).toBe('Runs');
  });

  it('cannot turn itself round', async () => {
    const { message, chip } = await openWith('run \u202Egnp.exe\u001b[31m', 'see \u2066txt\u2069');
    expect(await message.textContent()).toBe('run RLOgnp.exeESC[31m');
    expect(await message.locator('[part=mark]').first().getAttribute('title')).toBe('U+202E RLO');
    expect(await chip.textContent()).toContain('see LRItxtPDI');
  });

  it('of a megabyte is shown whole, scrolls, and stays in its box', async () => {
    const whole = `${'0123456789abcdef '.repeat(65_536)}end`;
    const { message, popover } = await openWith(whole);
    expect(await message.evaluate((element) => element.textContent?.length)).toBe(whole.length);
    expect(
      await message.evaluate((element) => element.scrollHeight > element.clientHeight * 10),
    ).toBe(true);
    const box = await popover.boundingBox();
    expect(box?.height).toBe(28 * 16);
    await message.hover();
    await page.mouse.wheel(0, 500);
    await expect.poll(() => message.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  });

  it('is copied as it was recorded, and the button says so', async () => {
    const { copy, host } = await openWith('line 1\n\tline 2 \u202Eexe');
    await copy.click();
    await expect.poll(() => copy.textContent()).toContain('Copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      'line 1\n\tline 2 \u202Eexe',
    );
    expect(await host.locator('[role=status]').textContent()).toBe('Copied');
    await expect.poll(() => copy.textContent(), { timeout: 5_000 }).toContain('Copy message');
  });

  it('is copied where the page may not use the Clipboard API', async () => {
    stage.api.runs(failedRun('run_1', { error_message: 'the older way' }));
    page = await stage.open('<failure-chip run-id="run_1" error-message="x"></failure-chip>', {
      permissions: ['clipboard-read'],
      before: () => {
        const refused = () => Promise.reject(new DOMException('', 'NotAllowedError'));
        Object.defineProperty(Clipboard.prototype, 'writeText', { value: refused });
      },
    });
    const { chip, popover, copy } = partsOf(page);
    await chip.click();
    await popover.locator('time').waitFor();
    await copy.click();
    await expect.poll(() => copy.textContent()).toContain('Copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('the older way');
    expect(await popover.isVisible()).toBe(true);
  });
});
