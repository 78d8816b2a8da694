import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChain, type Chain } from './chain/chain.ts';
import { downloaded } from './chain/dashboard.ts';
import { launchChromium } from './chromium.ts';
import { sendOneFailure } from './command/one-failure.ts';

let chain: Chain;
let browser: Browser;
let page: Page;
let texts: Record<string, string>;

beforeAll(async () => {
  chain = await startChain();
  browser = await launchChromium();
  texts = {
    shop: await sendOneFailure(chain.otlpEndpoint, '4711', 'shop'),
    bank: await sendOneFailure(chain.otlpEndpoint, '4711', 'bank'),
  };
  page = await browser.newPage();
  await page.goto(chain.dashboardUrl);
});
afterAll(async () => {
  await browser?.close();
  await chain?.stop();
});

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${chain.dashboardUrl}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('one run id that two tenants use', () => {
  it('is ambiguous until a namespace is named', async () => {
    const { status, body } = await get('/api/runs/4711');
    expect([status, body['code'], body['namespaces']]).toEqual([
      409,
      'ambiguous_run',
      ['bank', 'shop'],
    ]);
    const shop = await get('/api/runs/4711?namespace=shop');
    expect(shop.body).toMatchObject({ namespace: 'shop', status: 'failed', attempts: 1 });
  });

  it.each(['shop', 'bank'])(
    'has a row, a chip and a file of its own in the dashboard: %s',
    async (namespace) => {
      const chip = page.locator(`tr:has-text("${namespace}/orders") failure-chip`);
      await chip.locator('[part="chip"]').click();
      const file = await downloaded(page, () => chip.locator('[part="download"]').click());
      expect(file.name).toBe(`${namespace}_run_4711_trace.txt`);
      expect(file.bytes.toString()).toBe(texts[namespace]);
      await page.keyboard.press('Escape');
    },
  );

  it('can be narrowed down to one of them, which the address of the page keeps', async () => {
    await page.getByLabel('Namespace').selectOption('bank');
    await expect.poll(() => page.locator('tr.run').count()).toBe(1);
    expect(new URL(page.url()).searchParams.get('namespace')).toBe('bank');
  });
});
