import { readFile } from 'node:fs/promises';
import type { Download, Locator, Page } from 'playwright-core';

/** One run's row in the dashboard, by the parts that a person sees or presses. */
export interface RunRow {
  row: Locator;
  host: Locator;
  chip: Locator;
  popover: Locator;
  type: Locator;
  message: Locator;
  copy: Locator;
  note: Locator;
  download: Locator;
  tooltip: Locator;
}

/** Finds a run's row, whether it is there yet or not. Locators look through the shadow DOM. */
export function rowOf(page: Page, runId: string): RunRow {
  const row = page.locator(`tr[data-run-id="${quotable(runId)}"]`);
  const host = row.locator('failure-chip');
  const part = (name: string): Locator => host.locator(`[part="${name}"]`);
  return {
    row,
    host,
    chip: part('chip'),
    popover: part('popover'),
    type: part('type'),
    message: part('message'),
    copy: part('copy'),
    note: part('note'),
    download: part('download'),
    tooltip: part('tooltip'),
  };
}

function quotable(text: string): string {
  return text.replaceAll(/["\\]/g, (letter) => `\\${letter}`);
}

/**
 * The text that a locator's element shows. Characters that would be invisible are drawn by the chip
 * as boxes; they are read back as the characters that they stand for.
 */
export function shownText(locator: Locator): Promise<string> {
  return locator.evaluate((element) => {
    const read = (node: Node): string => {
      if (node instanceof Text) return node.data;
      if (node instanceof HTMLElement && node.getAttribute('part') === 'mark') {
        return String.fromCodePoint(Number.parseInt(node.title.slice('U+'.length), 16));
      }
      return Array.from(node.childNodes, read).join('');
    };
    return read(element);
  });
}

/** Whether the end of a text in a box that scrolls can be scrolled to, with nothing in front of it. */
export function endCanBeSeen(locator: Locator): Promise<boolean> {
  return locator.evaluate((box) => {
    box.scrollTop = box.scrollHeight;
    const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    let last: Node = box;
    while (texts.nextNode() !== null) last = texts.currentNode;
    const range = document.createRange();
    range.selectNodeContents(last);
    const line = Array.from(range.getClientRects()).at(-1);
    const root = box.getRootNode();
    if (line === undefined || !(root instanceof ShadowRoot)) return false;
    return box.contains(root.elementFromPoint(line.right - 1, (line.top + line.bottom) / 2));
  });
}

/** Presses something that makes the browser download, and waits for the file. */
export async function downloaded(
  page: Page,
  press: () => Promise<unknown>,
): Promise<{ name: string; bytes: Buffer }> {
  const [file]: [Download, unknown] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

/** The run and the part of its chip that have the focus; '' when no chip has it. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const host = document.activeElement;
    const part = host?.shadowRoot?.activeElement?.getAttribute('part');
    return part ? `${host?.getAttribute('run-id')} ${part}` : '';
  });

/** Presses Tab until a part of a run's chip has the focus. @throws when it never has. */
export async function tabTo(page: Page, runId: string, part: string): Promise<void> {
  for (let presses = 0; presses < 150; presses += 1) {
    if ((await focused(page)) === `${runId} ${part}`) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to the ${part} of ${runId}`);
}
