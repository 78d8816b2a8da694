import { readFile } from 'node:fs/promises';
import type { Run } from '@failtrace/contract';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultLabels } from './labels.ts';
import { failedRun } from './testing/runs.ts';
import { openStage, partsOf, type Stage } from './testing/stage.ts';

let stage: Stage;
let page: Page;

const inBank = failedRun('4711', { namespace: 'bank', error_message: 'limit of the bank' });
const inShop = failedRun('4711', { namespace: 'shop', error_message: 'stock of the shop' });
const inNone = failedRun('4711', { namespace: '', error_message: 'nobody’s failure' });

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.api.forget();
  stage.api.tenants(inBank, inShop, inNone);
});
afterEach(() => page.context().close());

/** The bodies of the look-ups, in no order: chips come into view in any. */
function lookups(): string[] {
  const posts = stage.api.requests.filter(({ method }) => method === 'POST');
  return posts.map(({ body }) => body).toSorted();
}

function give(run: Run, selector = 'failure-chip'): Promise<void> {
  return page.locator(selector).evaluate((chip, record) => {
    Object.assign(chip, { run: record });
  }, run);
}

describe('a chip with a namespace', () => {
  it('is looked up with those of the same namespace', async () => {
    page = await stage.open(`<failure-chip id="a" run-id="4711" namespace="bank"></failure-chip>
      <failure-chip id="b" run-id="4711" namespace="shop"></failure-chip>
      <failure-chip id="c" run-id="4711" namespace=""></failure-chip>
      <failure-chip id="d" run-id="4711" namespace="shop"></failure-chip>`);
    const label = (id: string) => partsOf(page, id).chip.textContent();
    await expect.poll(() => label('#a')).toContain(inBank.error_message);
    await expect.poll(() => label('#b')).toContain(inShop.error_message);
    await expect.poll(() => label('#c')).toContain(inNone.error_message);
    await expect.poll(() => label('#d')).toContain(inShop.error_message);
    expect(lookups()).toEqual([
      '{"run_ids":["4711"],"namespace":""}',
      '{"run_ids":["4711"],"namespace":"bank"}',
      '{"run_ids":["4711"],"namespace":"shop"}',
    ]);
  });

  it('asks for its details there, and downloads what is there under a name of its own', async () => {
    stage.api.trace('4711', 'trace of the bank', 'bank');
    stage.api.trace('4711', 'trace of the shop', 'shop');
    page = await stage.open(
      '<failure-chip run-id="4711" namespace="shop" error-message="stock…"></failure-chip>',
    );
    const { chip, message, download } = partsOf(page);
    await chip.click();
    await expect.poll(() => message.textContent()).toBe(inShop.error_message);
    expect(stage.api.asked).toEqual(['GET /api/runs/4711?namespace=shop']);
    const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
    expect(file.suggestedFilename()).toBe('shop_run_4711_trace.txt');
    expect(await readFile(await file.path(), 'utf8')).toBe('trace of the shop');
  });

  it('never shows the run of another one', async () => {
    page = await stage.open('<failure-chip run-id="4711" namespace="shop"></failure-chip>');
    const { chip, host } = partsOf(page);
    await expect.poll(() => chip.textContent()).toContain(inShop.error_message);
    await give(inBank);
    await expect.poll(() => lookups().length).toBe(2);
    await expect.poll(() => chip.textContent()).toContain(inShop.error_message);
    await host.evaluate((element) => element.setAttribute('namespace', 'bank'));
    await expect.poll(() => chip.textContent()).toContain(inBank.error_message);
    await host.evaluate((element) => element.removeAttribute('namespace'));
    await expect.poll(() => chip.textContent()).toContain(inBank.error_message);
    expect(lookups()).toHaveLength(2);
  });
});

describe('a run that names its namespace itself', () => {
  it('is asked for there while its trace is pending', async () => {
    page = await stage.open('<failure-chip></failure-chip>');
    const trace = { available: false, reason: 'pending', url: null } as const;
    await give(failedRun('4711', { namespace: 'shop', trace }));
    const { chip, note, download } = partsOf(page);
    await chip.click();
    expect(await note.textContent()).toBe(defaultLabels.notes.pending);
    await expect.poll(() => download.getAttribute('href'), { timeout: 4_000 }).not.toBeNull();
    expect(lookups()).toEqual(['{"run_ids":["4711"],"namespace":"shop"}']);
    expect(await download.getAttribute('download')).toBe('run_4711_trace.txt');
  });

  it('is asked for there when somebody tries again', async () => {
    page = await stage.open('<failure-chip></failure-chip>');
    const trace = { available: false, reason: 'storage_error', url: null } as const;
    await give(failedRun('4711', { namespace: '', trace }));
    const { chip, retry, download } = partsOf(page);
    await chip.click();
    await retry.click();
    await expect.poll(() => download.getAttribute('href')).toContain('/trace?namespace=&');
    expect(stage.api.asked).toEqual(['GET /api/runs/4711?namespace=']);
  });
});

describe('a run id of several namespaces', () => {
  it.each([
    ['looked up', '<failure-chip run-id="4711"></failure-chip>', 'POST /api/runs/lookup'],
    [
      'asked for alone',
      '<failure-chip run-id="4711" error-message="Boom"></failure-chip>',
      'GET /api/runs/4711',
    ],
  ])('%s: says what the page must do, and names the namespaces', async (_, html, request) => {
    page = await stage.open(html);
    const { chip, popover, download, tooltip, retry, host } = partsOf(page);
    await chip.click();
    await expect.poll(() => popover.textContent()).toContain('bank, shop, (none)');
    expect(stage.api.asked).toEqual([request]);
    expect(await tooltip.textContent()).toBe(defaultLabels.sentences.ambiguous_run);
    expect(await download.getAttribute('href')).toBeNull();
    expect(await retry.count()).toBe(0);
    await host.evaluate((element) => element.setAttribute('namespace', 'bank'));
    await expect.poll(() => download.getAttribute('href')).not.toBeNull();
    expect(await popover.textContent()).toContain(inBank.error_message);
  });

  it('lists namespaces as text, whatever they are called', async () => {
    const hostile = '<img src=x onerror="document.title=\'owned\'">\u202e';
    stage.api.tenants(failedRun('1', { namespace: hostile }), failedRun('1', { namespace: 'b' }));
    page = await stage.open('<failure-chip run-id="1"></failure-chip>');
    const { chip, popover, host } = partsOf(page);
    await chip.click();
    await expect.poll(() => popover.textContent()).toContain('…, b');
    expect(await host.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('Runs');
  });
});

describe('a message of which the API gives the beginning', () => {
  it('says so, and leaves everything else in reach', async () => {
    const beginning = 'x'.repeat(65_536);
    const parts = { error_message: beginning, error_message_truncated: true };
    stage.api.runs(failedRun('1', parts));
    page = await stage.open('<failure-chip run-id="1"></failure-chip>');
    const { chip, message, download, copy, host } = partsOf(page);
    await chip.click();
    await expect.poll(() => message.evaluate((box) => box.textContent?.length)).toBe(65_536);
    const notice = host.locator('[part="notice"]');
    expect(await notice.textContent()).toBe(defaultLabels.messageCutWithTrace);
    expect(await message.getAttribute('aria-describedby')).toBe(await notice.getAttribute('id'));
    expect(await copy.textContent()).toContain(defaultLabels.copyCut);
    for (const part of [notice, download, copy]) {
      const box = await part.boundingBox();
      expect(box && box.y >= 0 && box.y + box.height <= 700).toBe(true);
    }
    await page.setViewportSize({ width: 320, height: 400 });
    await download.click({ trial: true });
  });
});
