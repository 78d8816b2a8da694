import axe from 'axe-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { failedRun, runWithoutTrace } from './testing/runs.ts';
import { openStage, partsOf, type Stage } from './testing/stage.ts';

let stage: Stage;
let page: Page;

const longMessage = 'upstream payment-gateway answered 502 Bad Gateway after 3 attempts. '.repeat(
  40,
);

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => {
  stage.api.forget();
  stage.api.runs(
    failedRun('1', { error_message: longMessage }),
    runWithoutTrace('2', 'expired'),
    failedRun('3', { error_message: longMessage, error_message_truncated: true, incomplete: true }),
  );
});
afterEach(() => page.context().close());

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('not shown');
  return { ...box, right: box.x + box.width, bottom: box.y + box.height };
}

/** By polling: after the window has changed the browser places the popover in its next frame. */
async function expectWithinViewport(popover: Locator): Promise<void> {
  await popover.locator('time').waitFor();
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  const isWithin = async (): Promise<boolean> => {
    const { x, y, right, bottom } = await boxOf(popover);
    return x >= 0 && y >= 0 && right <= width && bottom <= height;
  };
  await expect.poll(isWithin).toBe(true);
}

const chip = `<failure-chip run-id="1" error-message="${longMessage}"></failure-chip>`;

describe('the chip in its cell', () => {
  it('takes one line and is cut off with an ellipsis', async () => {
    page = await stage.open(`<table><tr><td>${chip}</td><td>plain</td></tr></table>`);
    const label = page.locator('failure-chip [part=label]');
    expect(await label.evaluate((element) => element.scrollWidth > element.clientWidth)).toBe(true);
    expect(await label.evaluate((element) => getComputedStyle(element).textOverflow)).toBe(
      'ellipsis',
    );
    const box = await boxOf(page.locator('failure-chip'));
    expect(box.height).toBeLessThan(36);
    expect(box.width).toBeLessThanOrEqual(26 * 16);
  });

  it('becomes narrower before it makes the table wider', async () => {
    page = await stage.open(
      `<div style="width: 200px"><table><tr><td>a run with a name</td><td>${chip}</td></tr></table></div>`,
    );
    expect((await boxOf(page.locator('table'))).width).toBeLessThanOrEqual(200);
  });

  it('stays inside a cell of 60 pixels', async () => {
    page = await stage.open(
      `<table style="table-layout: fixed; width: 60px"><tr><td id="cell">${chip}</td></tr></table>`,
    );
    const cell = await boxOf(page.locator('#cell'));
    expect((await boxOf(page.locator('failure-chip [part=chip]'))).right).toBeLessThanOrEqual(
      cell.right,
    );
  });

  it('does not tell failure by colour alone', async () => {
    page = await stage.open(chip);
    const button = page.getByRole('button', { name: /^Failed: upstream/ });
    expect(await button.locator('svg').count()).toBe(1);
  });

  it('takes its colours from the page: scheme, and custom properties', async () => {
    const head = '<style>#mine { --failure-chip-color: rgb(1, 2, 3) }</style>';
    page = await stage.open(
      `<p style="color-scheme: light">${chip}</p><p style="color-scheme: dark">${chip}</p><p id="mine">${chip}</p>`,
      { head },
    );
    const colours = await page
      .locator('failure-chip [part=chip]')
      .evaluateAll((chips) => chips.map((element) => getComputedStyle(element).color));
    expect(colours).toEqual(['rgb(180, 35, 24)', 'rgb(255, 156, 145)', 'rgb(1, 2, 3)']);
  });
});

const corners = {
  'top left': 'top: 0; left: 0',
  'top right': 'top: 0; right: 0',
  'bottom left': 'bottom: 0; left: 0',
  'bottom right': 'bottom: 0; right: 0',
  'the middle': 'top: 50%; left: 40%',
};

/** Safari and Firefox had anchor positioning years after Chrome; older ones are still around. */
const withoutAnchors = () => {
  const supports = CSS.supports.bind(CSS);
  CSS.supports = (...query: string[]) =>
    !query[0]?.startsWith('position-area') && supports(...(query as [string]));
};

describe.each([
  ['with anchor positioning', undefined],
  ['without anchor positioning', withoutAnchors],
])('the popover %s', (_, before) => {
  const options = before ? { before } : {};

  it.each(Object.entries(corners))('stays within the viewport at %s', async (_name, place) => {
    page = await stage.open(
      `<div style="position: fixed; ${place}; width: 200px">${chip}</div>`,
      options,
    );
    const { chip: button, popover } = partsOf(page);
    await button.click();
    await expectWithinViewport(popover);
    const [chipBox, box] = [await boxOf(button), await boxOf(popover)];
    const gap = Math.max(box.y - chipBox.bottom, chipBox.y - box.bottom);
    expect(gap).toBeGreaterThanOrEqual(2);
    expect(gap).toBeLessThan(12);
  });

  it('fits a phone, and a window of 320 by 256 pixels', async () => {
    page = await stage.open(chip, { ...options, viewport: { width: 360, height: 640 } });
    const { chip: button, popover, download } = partsOf(page);
    await button.click();
    await expectWithinViewport(popover);
    await page.setViewportSize({ width: 320, height: 256 });
    await expectWithinViewport(popover);
    // Reaches it as a pointer would: neither covered nor outside of the window.
    await expect(download.click({ trial: true })).resolves.toBeUndefined();
  });

  it('is not clipped by its cell, and follows it when the page scrolls', async () => {
    page = await stage.open(
      `<div style="height: 200px; overflow: auto" id="scroller"><div style="height: 80px"></div>
       <div style="width: 120px; height: 30px; overflow: hidden; transform: scale(1)">${chip}</div>
       <div style="height: 900px"></div></div>`,
      options,
    );
    const { chip: button, popover } = partsOf(page);
    await button.click();
    await expectWithinViewport(popover);
    const box = await boxOf(popover);
    expect(box.width).toBe(512);
    const seen = await page.evaluate(
      ([x, y]) => document.elementFromPoint(x ?? 0, y ?? 0)?.localName,
      [box.x + 400, box.bottom - 20],
    );
    expect(seen).toBe('failure-chip');
    await page.locator('#scroller').evaluate((element) => element.scrollBy(0, 40));
    await expect
      .poll(async () => Math.round((await boxOf(popover)).y))
      .toBe(Math.round(box.y - 40));
  });

  it('opens towards the left in right-to-left text', async () => {
    page = await stage.open(
      `<div dir="rtl" style="position: fixed; top: 20px; right: 20px; width: 300px">${chip}</div>`,
      options,
    );
    const { chip: button, popover } = partsOf(page);
    await button.click();
    await expectWithinViewport(popover);
    const [chipBox, box] = [await boxOf(button), await boxOf(popover)];
    expect(Math.abs(box.right - chipBox.right)).toBeLessThan(2);
  });
});

describe('accessibility', () => {
  it('names the button and the dialog, and ties them together', async () => {
    page = await stage.open(chip);
    const button = page.getByRole('button', { name: /^Failed:/ });
    expect(await button.getAttribute('aria-haspopup')).toBe('dialog');
    expect(await button.getAttribute('aria-expanded')).toBe('false');
    await button.click();
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    const dialog = page.getByRole('dialog', { name: 'PaymentDeclinedError, run 1' });
    await dialog.waitFor();
    expect(await dialog.getAttribute('id')).toBe(await button.getAttribute('aria-controls'));
  });

  it.each([
    ['light', '1'],
    ['dark', '1'],
    ['light', '2'],
    ['dark', '2'],
    ['light', '3'],
    ['dark', '3'],
  ] as const)('has no finding of axe in %s, run %s', async (colorScheme, runId) => {
    const head = `<style>:root { color-scheme: light dark; background: Canvas; color: CanvasText }</style>`;
    page = await stage.open(
      `<failure-chip run-id="${runId}" error-message="Boom"></failure-chip>
       <failure-chip run-id="unknown" api="ftp://x"></failure-chip>`,
      { head, colorScheme, reducedMotion: 'reduce' },
    );
    const { chip: button, popover } = partsOf(page, 'failure-chip >> nth=0');
    await button.click();
    await popover.locator('time').waitFor();
    await page.addScriptTag({ content: axe.source });
    const findings = await page.evaluate(async () => {
      const { axe: checker } = globalThis as unknown as { axe: typeof axe };
      const { violations } = await checker.run();
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`,
      );
    });
    expect(findings).toEqual([]);
  });

  it('keeps its borders in forced colours and stands still where motion is unwanted', async () => {
    page = await stage.open(chip, { forcedColors: 'active', reducedMotion: 'reduce' });
    const { chip: button, popover } = partsOf(page);
    await button.click();
    await popover.locator('time').waitFor();
    for (const surface of [button, popover]) {
      const style = await surface.evaluate((element) => {
        const { borderTopWidth, transitionDuration } = getComputedStyle(element);
        return { borderTopWidth, transitionDuration };
      });
      expect(style).toEqual({ borderTopWidth: '1px', transitionDuration: '0s' });
    }
  });

  it('speaks the language that the page gives it', async () => {
    page = await stage.open(chip);
    const { host, chip: button, download } = partsOf(page);
    await host.evaluate((element: HTMLElementTagNameMap['failure-chip']) => {
      element.labels = { failed: 'Fehlgeschlagen:', viewTrace: 'Trace laden' };
    });
    await button.click();
    expect(await button.textContent()).toContain('Fehlgeschlagen:');
    expect(await download.textContent()).toContain('Trace laden');
  });
});
