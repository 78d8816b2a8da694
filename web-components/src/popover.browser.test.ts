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
beforeEach(() => {
  stage.api.forget();
  stage.api.runs(failedRun('run_1'), failedRun('run_2', { error_message: 'Second failure' }));
});
afterEach(() => page.context().close());

const first =
  '<failure-chip id="first" run-id="run_1" error-message="card ending in…"></failure-chip>';
const second = '<failure-chip id="second" run-id="run_2" error-message="Second…"></failure-chip>';
const table = `<button id="before">before</button>
  <table><tr><td>${first}</td></tr><tr><td style="padding-block-start: 400px">${second}</td></tr></table>
  <button id="after">after</button>`;

/** What has the focus, as the name of a part or the id of an element outside. */
function focused(): Promise<string> {
  return page.evaluate(() => {
    const outer = document.activeElement;
    const inner = outer?.shadowRoot?.activeElement;
    return inner ? `${outer?.id} ${inner.getAttribute('part')}` : (outer?.id ?? '');
  });
}

describe('with a mouse', () => {
  it('hovering previews, and stays open when the pointer moves into the popover', async () => {
    page = await stage.open(table);
    const { chip, popover } = partsOf(page, '#first');
    await chip.hover();
    await popover.waitFor({ state: 'visible' });
    await popover.hover();
    // Longer than the time after which a popover that was left closes.
    await page.waitForTimeout(500);
    expect(await popover.isVisible()).toBe(true);
    await page.mouse.move(900, 650);
    await popover.waitFor({ state: 'hidden' });
  });

  it('crossing opens nothing and asks nothing', async () => {
    page = await stage.open(table);
    const { chip } = partsOf(page, '#first');
    const box = await chip.boundingBox();
    if (box === null) throw new Error('the chip is not shown');
    await page.evaluate(() => {
      document.addEventListener('failtrace-open', () => document.body.classList.add('opened'));
    });
    await page.mouse.move(box.x + 5, box.y + 5);
    await page.mouse.move(900, 650);
    await page.waitForTimeout(400);
    expect(await page.locator('body.opened').count()).toBe(0);
    expect(stage.api.asked).toEqual([]);
  });

  it('clicking pins: it stays when the pointer leaves, and a click outside closes it', async () => {
    page = await stage.open(table);
    const { chip, popover } = partsOf(page, '#first');
    await chip.click();
    await popover.waitFor({ state: 'visible' });
    await page.mouse.move(900, 650);
    await page.waitForTimeout(500);
    expect(await popover.isVisible()).toBe(true);
    await page.mouse.click(900, 650);
    await popover.waitFor({ state: 'hidden' });
  });

  it('a second click closes', async () => {
    page = await stage.open(table);
    const { chip, popover } = partsOf(page, '#first');
    await chip.click();
    await popover.waitFor({ state: 'visible' });
    await chip.click();
    expect(await popover.isVisible()).toBe(false);
  });

  it('pressing inside a preview pins it, so that text can be selected', async () => {
    page = await stage.open(table);
    const { chip, popover, message } = partsOf(page, '#first');
    await chip.hover();
    await popover.waitFor({ state: 'visible' });
    await message.click();
    await page.mouse.move(900, 650);
    await page.waitForTimeout(500);
    expect(await popover.isVisible()).toBe(true);
  });

  it('only one is pinned at a time', async () => {
    page = await stage.open(table);
    const [one, two] = [partsOf(page, '#first'), partsOf(page, '#second')];
    await one.chip.click();
    await one.popover.waitFor({ state: 'visible' });
    await two.chip.click();
    await two.popover.waitFor({ state: 'visible' });
    expect(await one.popover.isVisible()).toBe(false);
  });

  it('a row that reacts to clicks does not react to those on the chip', async () => {
    page = await stage.open(table);
    await page.evaluate(() => {
      document.querySelector('table')?.addEventListener('click', () => {
        document.body.classList.add('navigated');
      });
    });
    const { chip, popover, message } = partsOf(page, '#first');
    await chip.click();
    await popover.waitFor({ state: 'visible' });
    await message.click();
    expect(await page.locator('body.navigated').count()).toBe(0);
  });
});

describe('with a finger', () => {
  it('a tap pins, a tap outside closes', async () => {
    page = await stage.open(table, { hasTouch: true });
    const { chip, popover } = partsOf(page, '#first');
    await chip.tap();
    await popover.waitFor({ state: 'visible' });
    await page.touchscreen.tap(900, 650);
    await expect.poll(() => popover.isVisible()).toBe(false);
  });
});

describe('with a keyboard alone', () => {
  it.each(['Enter', 'Space'])('%s pins, Tab goes in and through, and on', async (key) => {
    page = await stage.open(table);
    const { chip, popover } = partsOf(page, '#first');
    await page.locator('#before').focus();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('first chip');
    await page.keyboard.press(key);
    await popover.locator('time').waitFor();
    expect(await chip.getAttribute('aria-expanded')).toBe('true');
    const order: string[] = [];
    for (let step = 0; step < 4; step += 1) {
      await page.keyboard.press('Tab');
      order.push(await focused());
    }
    expect(order).toEqual(['first copy', 'first message', 'first download', 'second chip']);
    await popover.waitFor({ state: 'hidden' });
  });

  it('focus previews as hovering does, and the preview goes with the focus', async () => {
    page = await stage.open(table);
    const { popover } = partsOf(page, '#first');
    await page.locator('#before').focus();
    await page.keyboard.press('Tab');
    await popover.waitFor({ state: 'visible' });
    await page.keyboard.press('Shift+Tab');
    await popover.waitFor({ state: 'hidden' });
    expect(await focused()).toBe('before');
  });

  it('Escape closes, gives the focus back, and does not open it again', async () => {
    page = await stage.open(table);
    const { popover } = partsOf(page, '#first');
    await page.locator('#before').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await popover.locator('time').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('first message');
    await page.keyboard.press('Escape');
    await popover.waitFor({ state: 'hidden' });
    expect(await focused()).toBe('first chip');
    await page.waitForTimeout(400);
    expect(await popover.isVisible()).toBe(false);
  });

  it('Escape closes the popover and leaves a dialog around it open', async () => {
    page = await stage.open(`<dialog>${first}</dialog>`);
    await page.evaluate(() => document.querySelector('dialog')?.showModal());
    const { chip, popover } = partsOf(page, '#first');
    await chip.click();
    await popover.waitFor({ state: 'visible' });
    await page.keyboard.press('Escape');
    await popover.waitFor({ state: 'hidden' });
    expect(await page.locator('dialog').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'hidden' });
  });
});

describe('events', () => {
  it('tell when it opens, is pinned and closes, out of every shadow tree', async () => {
    page = await stage.open('<div id="outer"></div>');
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      for (const name of ['failtrace-open', 'failtrace-close']) {
        document.addEventListener(name, (event) => {
          if (event instanceof CustomEvent) seen.push(`${name} ${JSON.stringify(event.detail)}`);
        });
      }
      const root = document.querySelector('#outer')?.attachShadow({ mode: 'closed' });
      const chip = document.createElement('failure-chip');
      chip.runId = 'run_1';
      chip.errorMessage = 'Boom';
      root?.append(chip);
      Object.assign(globalThis, { chip });
    });
    const box = await page.locator('#outer').boundingBox();
    if (box === null) throw new Error('the chip is not shown');
    await page.mouse.move(box.x + 10, box.y + 10);
    const seen = () => page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
    await expect.poll(seen).toHaveLength(1);
    await page.mouse.down();
    await page.mouse.up();
    await page.keyboard.press('Escape');
    expect(await seen()).toEqual([
      'failtrace-open {"runId":"run_1","pinned":false}',
      'failtrace-open {"runId":"run_1","pinned":true}',
      'failtrace-close {"runId":"run_1"}',
    ]);
  });

  it('show() and hide() do what a click and Escape do', async () => {
    page = await stage.open(table);
    const { host, popover } = partsOf(page, '#first');
    await host.evaluate((chip: HTMLElementTagNameMap['failure-chip']) => chip.show());
    await popover.waitFor({ state: 'visible' });
    await host.evaluate((chip: HTMLElementTagNameMap['failure-chip']) => chip.hide());
    await expect.poll(() => popover.isVisible()).toBe(false);
  });
});
