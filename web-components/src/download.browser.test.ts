import { readFile } from 'node:fs/promises';
import { TRACE_REASONS } from '@failtrace/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { defaultLabels } from './labels.ts';
import { ScriptedApi } from './testing/scripted-api.ts';
import { failedRun, runWithoutTrace } from './testing/runs.ts';
import { openStage, partsOf, type Stage } from './testing/stage.ts';

let stage: Stage;
let page: Page;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());
beforeEach(() => stage.api.forget());
afterEach(() => page.context().close());

async function openChip(runId: string, attributes = '') {
  page = await stage.open(`<failure-chip error-message="Boom" ${attributes}></failure-chip>`);
  const parts = partsOf(page);
  await parts.host.evaluate((chip, id) => chip.setAttribute('run-id', id), runId);
  await parts.chip.click();
  await parts.popover.waitFor({ state: 'visible' });
  return parts;
}

const text = `Error: Übung 😀\n    at main (app.js:1:1)\n${'at frame\n'.repeat(50_000)}`;

describe('View Trace', () => {
  it.each([
    ['4711', 'run_4711_trace.txt'],
    ['run_4711', 'run_4711_trace.txt'],
    ['nightly/2026 ü', 'run_nightly_2026___trace.txt'],
  ])('of run %j downloads %s, byte for byte', async (runId, name) => {
    stage.api.runs(failedRun(runId));
    stage.api.trace(runId, text);
    const { download } = await openChip(runId);
    await expect.poll(() => download.getAttribute('href')).not.toBeNull();
    const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
    expect(file.suggestedFilename()).toBe(name);
    expect(await readFile(await file.path(), 'utf8')).toBe(text);
  });

  it('downloads from an API on another origin, and the page stays where it is', async () => {
    const other = new ScriptedApi();
    await other.listen();
    other.runs(failedRun('4711'));
    other.trace('4711', text);
    const { download } = await openChip('4711', `api="${other.origin}"`);
    await expect.poll(() => download.getAttribute('href')).toContain(other.origin);
    const here = page.url();
    const context = page.context();
    const downloaded = new Promise<string>((resolve) => {
      context.on('page', (opened) => {
        opened.on('download', (file) => resolve(file.suggestedFilename()));
      });
      page.on('download', (file) => resolve(file.suggestedFilename()));
    });
    await download.click();
    expect(await downloaded).toBe('run_4711_trace.txt');
    expect(page.url()).toBe(here);
    await other.close();
  });

  it('is reached and pressed by key', async () => {
    stage.api.runs(failedRun('4711'));
    stage.api.trace('4711', text);
    const { download } = await openChip('4711');
    await expect.poll(() => download.getAttribute('href')).not.toBeNull();
    await download.focus();
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(file.suggestedFilename()).toBe('run_4711_trace.txt');
  });

  it('shows the size', async () => {
    stage.api.runs(failedRun('4711', { trace: { bytes: 1_234_567 } }));
    const { note } = await openChip('4711');
    await expect.poll(() => note.textContent()).toBe('1.2 MB');
  });

  it('tells the page, which may keep the browser from it', async () => {
    stage.api.runs(failedRun('4711'));
    const { download } = await openChip('4711');
    await expect.poll(() => download.getAttribute('href')).not.toBeNull();
    const detail = page.evaluate(
      () =>
        new Promise((resolve) => {
          document.addEventListener('failtrace-download', (event) => {
            event.preventDefault();
            resolve(event.detail);
          });
        }),
    );
    await download.click();
    expect(await detail).toEqual({
      runId: '4711',
      url: `${stage.api.origin}/api/runs/4711/trace?filename=run_4711_trace.txt`,
      filename: 'run_4711_trace.txt',
    });
    expect(stage.api.requests.some(({ path }) => path.includes('/trace'))).toBe(false);
  });
});

describe('View Trace without a trace', () => {
  it.each(TRACE_REASONS)('is disabled for %s and says why', async (reason) => {
    stage.api.runs(runWithoutTrace('4711', reason));
    const { download, tooltip, note, host } = await openChip('4711');
    await expect.poll(() => note.textContent()).toBe(defaultLabels.notes[reason]);
    expect(await download.getAttribute('aria-disabled')).toBe('true');
    expect(await download.getAttribute('href')).toBeNull();
    expect(await download.getAttribute('download')).toBeNull();
    expect(await tooltip.isVisible()).toBe(false);
    await download.hover();
    expect(await tooltip.isVisible()).toBe(true);
    expect(await tooltip.textContent()).toBe(defaultLabels.sentences[reason]);
    expect(await host.locator('[role=status]').textContent()).toBe(defaultLabels.sentences[reason]);
    // By force: Playwright itself takes it for disabled and would wait.
    await download.click({ force: true });
    expect(stage.api.requests.some(({ path }) => path.includes('/trace'))).toBe(false);
  });

  it('can be focused, and its reason is read and seen then', async () => {
    stage.api.runs(runWithoutTrace('4711', 'expired'));
    const { download, tooltip, message } = await openChip('4711');
    await expect.poll(() => tooltip.textContent()).toBe(defaultLabels.sentences.expired);
    await message.focus();
    await page.keyboard.press('Tab');
    expect(await tooltip.isVisible()).toBe(true);
    const snapshot = await download.evaluate((link) => {
      const described = link.getAttribute('aria-describedby') ?? '';
      const root = link.getRootNode();
      return root instanceof ShadowRoot && root.activeElement === link
        ? root.getElementById(described)?.textContent
        : null;
    });
    expect(snapshot).toBe(defaultLabels.sentences.expired);
  });

  it('becomes available by itself when a pending trace has arrived', async () => {
    const pending = runWithoutTrace('4711', 'pending');
    stage.api.script('4711', { run: pending }, { run: pending }, { run: failedRun('4711') });
    const { download, note, host } = await openChip('4711');
    await expect.poll(() => note.textContent()).toBe(defaultLabels.notes.pending);
    await download.focus();
    await expect.poll(() => download.getAttribute('href'), { timeout: 10_000 }).not.toBeNull();
    expect(await download.getAttribute('aria-disabled')).toBeNull();
    expect(await host.locator('[role=status]').textContent()).toBe(defaultLabels.ready);
    // The focus has not been lost on the way.
    expect(
      await host.evaluate((chip) => chip.shadowRoot?.activeElement?.getAttribute('part')),
    ).toBe('download');
    expect(stage.api.asked).toHaveLength(3);
  });

  it('goes on waiting when one of the questions is lost', async () => {
    const pending = runWithoutTrace('4711', 'pending');
    stage.api.script('4711', { run: pending }, { status: 503 }, { run: failedRun('4711') });
    const { download } = await openChip('4711');
    await expect.poll(() => download.getAttribute('href'), { timeout: 10_000 }).not.toBeNull();
  });
});
