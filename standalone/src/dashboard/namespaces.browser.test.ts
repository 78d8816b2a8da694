import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../../../e2e/chromium.ts';
import { type PageServer, servePage } from './testing/page-server.ts';
import { runOf } from './testing/run-of.ts';

let browser: Browser;
let server: PageServer;
let page: Page;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchChromium(), servePage()]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
beforeEach(() => {
  server.queries.length = 0;
  server.runs.splice(0, server.runs.length, inShop, inBank, inNone);
});
afterEach(() => page.close());

const trace = { ...runOf('').trace, available: true, reason: null };
const inShop = runOf('4711', {
  namespace: 'shop',
  error_message: 'stock of the shop',
  trace: { ...trace, url: '/api/runs/4711/trace?namespace=shop' },
});
const inBank = runOf('4711', {
  namespace: 'bank',
  error_message: 'limit of the bank',
  trace: { ...trace, url: '/api/runs/4711/trace?namespace=bank' },
});
const inNone = runOf('4711', { error_message: 'nobody’s failure' });

async function open(search = '', width = 1280): Promise<void> {
  page = await browser.newPage({ viewport: { width, height: 720 } });
  await page.goto(`${server.url}/${search}`);
  await page.locator('tbody failure-chip').first().waitFor();
}

const filter = () => page.getByRole('combobox', { name: 'Namespace' });
const cells = (column: string) => page.locator(`tbody .${column}`).allTextContents();

describe('runs of one id in several namespaces', () => {
  it('have a row each, which names the namespace, with a chip of their own', async () => {
    await open();
    expect(await cells('col-service')).toEqual(['shop/orders', 'bank/orders', 'orders']);
    const chips = page.locator('failure-chip');
    expect(await chips.locator('[part=label]').allTextContents()).toEqual([
      'stock of the shop',
      'limit of the bank',
      'nobody’s failure',
    ]);
    await chips.nth(1).locator('[part=chip]').click();
    const download = chips.nth(1).locator('[part=download]');
    expect(await download.getAttribute('href')).toBe(
      `${server.url}/api/runs/4711/trace?namespace=bank&filename=bank_run_4711_trace.txt`,
    );
  });

  it.each([1000, 400])('are told apart on a screen of %d pixels', async (width) => {
    await open('', width);
    await expect.poll(() => page.getByText('shop/').filter({ visible: true }).count()).toBe(1);
  });

  it('keep an open chip when the second namespace appears', async () => {
    server.runs.splice(0, 3, inBank);
    await open();
    expect(await cells('col-service')).toEqual(['orders']);
    expect(await filter().isVisible()).toBe(false);
    await page.locator('failure-chip [part=chip]').click();
    server.runs.unshift(inShop);
    await expect
      .poll(() => cells('col-service'), { timeout: 10_000 })
      .toEqual(['shop/orders', 'bank/orders']);
    const message = page.locator('failure-chip [part=message]');
    expect(await message.allTextContents()).toEqual([inBank.error_message]);
  });
});

describe('the namespace filter', () => {
  it('offers the namespaces that were seen, the empty one in words', async () => {
    await open();
    expect(await filter().locator('option').allTextContents()).toEqual([
      'All namespaces',
      'No namespace',
      'bank',
      'shop',
    ]);
    expect(server.queries.every((query) => !query.has('namespace'))).toBe(true);
  });

  it.each([
    ['bank', 'bank', '?namespace=bank', inBank],
    ['No namespace', '', '?namespace=', inNone],
  ])('asks for %s, and puts it into the URL', async (text, namespace, search, run) => {
    await open();
    await filter().selectOption({ label: text });
    const messages = () => page.locator('failure-chip [part=label]').allTextContents();
    await expect.poll(messages).toEqual([run.error_message]);
    expect(new URL(page.url()).search).toBe(search);
    expect(server.queries.at(-1)?.get('namespace')).toBe(namespace);
    await page.goBack();
    await expect.poll(async () => (await messages()).length).toBe(3);
    expect(await filter().inputValue()).toBe('');
  });

  it('is there when the URL has chosen the only one, and lets go of it by key', async () => {
    server.runs.splice(0, 3, inBank);
    await open('?namespace=bank');
    expect(await filter().locator('option:checked').textContent()).toBe('bank');
    await filter().focus();
    await page.keyboard.press('Home');
    await expect.poll(() => new URL(page.url()).search).toBe('');
    await expect.poll(() => server.queries.at(-1)?.has('namespace')).toBe(false);
    expect(await filter().evaluate((field) => field === document.activeElement)).toBe(true);
  });
});
