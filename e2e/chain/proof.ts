import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scenarioNames, type ScenarioName } from '@failtrace/examples/services';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchChromium } from '../chromium.ts';
import { runBackend, type LoggedRun } from './backend.ts';
import type { Chain } from './chain.ts';
import { downloaded, endCanBeSeen, focused, rowOf, shownText, tabTo } from './dashboard.ts';
import { bytesOf, delimiter, expectSameBytes } from './trace-text.ts';

/** Twice, so that one stored text has to give two different downloads. */
const triggered: readonly ScenarioName[] = [...scenarioNames, 'changing-message'];

/** Scenarios whose download is the text of their last log line, and nothing else. */
const oneText = [
  'one-exception',
  'cause-chain',
  'retry',
  'long-message',
  'changing-message',
  'recorded-twice',
] as const satisfies readonly ScenarioName[];

const patience = { timeout: 30_000, interval: 50 };

/**
 * The proof that failtrace does what it is for: registers the tests that trigger every synthetic
 * failure in real services, look at each in the dashboard in a real browser, and compare what is
 * shown and downloaded with the services' own log.
 *
 * @param start gives null where there can be no such chain; whoever says so skips the tests
 * @param protocol what the services' SDKs send
 */
export function proveChain(
  start: () => Promise<Chain | null>,
  protocol: 'http/json' | 'http/protobuf',
): void {
  let chain: Chain;
  let browser: Browser;
  let page: Page;
  let openedAt: number;
  let runs: LoggedRun[];
  const problems: string[] = [];

  beforeAll(async () => {
    const started = await start();
    if (started === null) return;
    chain = started;
    browser = await launchChromium();
    page = await openDashboard();
    openedAt = await loadedAt(page);
    await page.locator('#empty').waitFor({ state: 'visible' });
    runs = await runBackend(chain, { protocol, scenarios: triggered });
  });
  afterAll(async () => {
    await browser?.close();
    await chain?.stop();
  });

  beforeEach(({ onTestFailed, onTestFinished, task }) => {
    onTestFailed(async () => {
      const directory = await mkdtemp(path.join(tmpdir(), 'failtrace-screenshot-'));
      const file = path.join(directory, `${task.name.replaceAll(/\W+/g, '-')}.png`);
      await page.screenshot({ path: file });
      console.error(`"${task.name}" failed; the page at that time: ${file}`);
    });
    onTestFinished(async () => {
      await page.keyboard.press('Escape');
      await page.mouse.move(0, 0);
    });
  });

  async function openDashboard(): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const opened = await context.newPage();
    opened.on('pageerror', (error) => problems.push(error.message));
    opened.on('console', (line) => {
      if (line.type() === 'error') problems.push(line.text());
    });
    await opened.goto(chain.dashboardUrl);
    await opened.evaluate(() => {
      document.addEventListener('failtrace-open', (event) => {
        const { runId, pinned } = event.detail;
        document.documentElement.dataset['opened'] = `${pinned ? 'pinned' : 'preview'} ${runId}`;
      });
    });
    return opened;
  }

  const runOf = (scenario: ScenarioName): LoggedRun => {
    const run = runs.find((candidate) => candidate.scenario === scenario);
    if (run === undefined) throw new Error(`${scenario} did not run`);
    return run;
  };

  const fetchTrace = (runId: string, query: string) =>
    fetch(`${chain.dashboardUrl}/api/runs/${encodeURIComponent(runId)}/trace${query}`);

  /** What the chip did last, as it tells the page. */
  const opened = () => page.evaluate(() => document.documentElement.dataset['opened']);

  /** Hovers, looks, and clicks, as a person does who wants to know what went wrong. */
  async function pinByHand(run: LoggedRun): Promise<void> {
    const { row, chip, popover } = rowOf(page, run.runId);
    await row.waitFor();
    await chip.hover();
    await popover.waitFor({ state: 'visible' });
    await expect.poll(opened, patience).toBe(`preview ${run.runId}`);
    await chip.click();
    await expect.poll(opened, patience).toBe(`pinned ${run.runId}`);
  }

  async function viewTrace(run: LoggedRun): Promise<Buffer> {
    const { download } = rowOf(page, run.runId);
    await expect.poll(() => download.getAttribute('href'), patience).not.toBeNull();
    const file = await downloaded(page, () => download.click());
    expect(file.name).toBe(`${run.runId}_trace.txt`);
    return file.bytes;
  }

  async function expectMessage(run: LoggedRun): Promise<void> {
    const { message, type, copy } = rowOf(page, run.runId);
    const logged = run.log.at(-1);
    // How the chip shows a Windows line end; the copy button below gives it as it was.
    expect(await shownText(message)).toBe(logged?.message.replaceAll('\r\n', '\n'));
    expect(await shownText(type)).toBe(logged?.type);
    expect(await endCanBeSeen(message)).toBe(true);
    await copy.click();
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()), patience)
      .toBe(logged?.message);
  }

  it('lists every run, each as it ended, on a page that was open before it ran', async () => {
    expect(runs.map(({ outcome }) => outcome)).toEqual(runs.map(({ expected }) => expected));
    for (const { runId, outcome } of runs) {
      const { row, chip } = rowOf(page, runId);
      await row.waitFor();
      await expect.poll(() => row.getAttribute('data-status'), patience).toBe(outcome);
      expect(await chip.count()).toBe(outcome === 'failed' ? 1 : 0);
    }
    expect(await loadedAt(page)).toBe(openedAt);
  });

  it.each(oneText)(
    '%s: shows the whole message and downloads what was logged',
    async (scenario) => {
      const ofScenario = runs.filter((run) => run.scenario === scenario);
      expect(ofScenario.length).toBeGreaterThan(0);
      for (const run of ofScenario) {
        await pinByHand(run);
        await expectMessage(run);
        expectSameBytes(await viewTrace(run), run.log.at(-1)?.stacktrace);
        await page.keyboard.press('Escape');
        await rowOf(page, run.runId).popover.waitFor({ state: 'hidden' });
      }
    },
  );

  it('second-service: downloads both texts, what the run ended with first', async () => {
    const run = runOf('second-service');
    const textOf = (service: string) =>
      run.log.find((line) => line.service === service)?.stacktrace;
    await pinByHand(run);
    await expectMessage(run);
    const bytes = await viewTrace(run);
    const [first = '', second = '', ...more] = bytes.toString().match(/^===== failure .*$/gm) ?? [];
    expect(more).toEqual([]);
    expect(first).toMatch(delimiter(1, 'order-workflow', 'PaymentServiceError'));
    expect(second).toMatch(delimiter(2, 'payment-service', '\\w+'));
    expectSameBytes(
      bytes,
      [first, textOf('order-workflow'), second, textOf('payment-service')].join('\n'),
    );
  });

  it('recorded-twice: was recorded twice, and is there once', async () => {
    const { runId, log } = runOf('recorded-twice');
    expect(log.map((line) => line.stacktrace)).toEqual(Array(2).fill(log[0]?.stacktrace));
    expect(new Set(log.map((line) => line.span_id)).size).toBe(2);
    expectSameBytes(await bytesOf(await fetchTrace(runId, '')), log[0]?.stacktrace);
  });

  it('retry: every attempt can be had, the latest first', async () => {
    const { runId, log } = runOf('retry');
    const [first, latest] = log;
    expectSameBytes(await bytesOf(await fetchTrace(runId, '?attempt=1')), first?.stacktrace);
    const all = await bytesOf(await fetchTrace(runId, '?attempt=all'));
    const [above = '', between = ''] = all.toString().match(/^===== failure .*$/gm) ?? [];
    expect(above).toContain(' | attempt 2 | ');
    expect(between).toContain(' | attempt 1 | ');
    expectSameBytes(all, [above, latest?.stacktrace, between, first?.stacktrace].join('\n'));
  });

  it('status-only: the button is disabled and its tooltip says why', async () => {
    const run = runOf('status-only');
    const { row, message, note, download, tooltip } = rowOf(page, run.runId);
    await pinByHand(run);
    expect(await shownText(message)).toMatch(/^order \d+: the carrier issued no label within/);
    // For ten seconds a trace may still be on its way; then the open chip says so by itself.
    await expect.poll(() => note.textContent(), patience).toBe('Not recorded');
    expect(await download.getAttribute('aria-disabled')).toBe('true');
    expect(await download.getAttribute('href')).toBeNull();
    expect(await tooltip.isVisible()).toBe(false);
    await download.hover();
    await tooltip.waitFor({ state: 'visible' });
    expect(await tooltip.textContent()).toBe('No trace was recorded for this run.');
    expect(await download.getAttribute('aria-describedby')).toBe(await tooltip.getAttribute('id'));

    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    // By force: the browser's driver itself takes the button for disabled and would wait.
    await download.click({ force: true });
    expect(await row.getAttribute('data-status')).toBe('failed');
    const answer = await fetchTrace(run.runId, '');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      code: 'trace_not_available',
      reason: 'not_recorded',
    });
    // Not before the answer to the same question from here: by now the page would have asked.
    expect(asked.filter((url) => url.includes('/trace'))).toEqual([]);
  });

  it('handled-exception: the run is fine, and the text is there for who asks', async () => {
    const { runId, log } = runOf('handled-exception');
    const { row, chip } = rowOf(page, runId);
    expect(await row.getAttribute('data-status')).toBe('ok');
    expect(await chip.count()).toBe(0);
    expect((await fetchTrace(runId, '')).status).toBe(404);
    expect(log).toHaveLength(1);
    expectSameBytes(await bytesOf(await fetchTrace(runId, '?include=all')), log[0]?.stacktrace);
  });

  it('can be done by keyboard alone', async () => {
    const run = runOf('recorded-twice');
    const keys = await openDashboard();
    const { row, chip, popover } = rowOf(keys, run.runId);
    await row.waitFor();
    await tabTo(keys, run.runId, 'chip');
    await keys.keyboard.press('Enter');
    await popover.waitFor({ state: 'visible' });
    expect(await chip.getAttribute('aria-expanded')).toBe('true');
    await tabTo(keys, run.runId, 'download');
    const file = await downloaded(keys, () => keys.keyboard.press('Enter'));
    expect(file.name).toBe(`${run.runId}_trace.txt`);
    expectSameBytes(file.bytes, run.log.at(-1)?.stacktrace);
    await keys.keyboard.press('Escape');
    await popover.waitFor({ state: 'hidden' });
    expect(await focused(keys)).toBe(`${run.runId} chip`);
    await keys.context().close();
  });

  it('takes a run id that is hard on paths, headers and file names', async () => {
    const runIdPrefix = 'nightly/2026 ü?#-';
    const scenarios = ['one-exception'] as const;
    const [run] = await runBackend(chain, { protocol, scenarios, runIdPrefix });
    if (run === undefined) throw new Error('the run is missing');
    await pinByHand(run);
    const { download } = rowOf(page, run.runId);
    await expect.poll(() => download.getAttribute('href'), patience).not.toBeNull();
    const file = await downloaded(page, () => download.click());
    const digits = run.runId.slice(runIdPrefix.length);
    expect(file.name).toBe(`run_nightly_2026____-${digits}_trace.txt`);
    expectSameBytes(file.bytes, run.log[0]?.stacktrace);
  });

  it('has made no page report an error', () => {
    expect(problems).toEqual([]);
  });
}

const loadedAt = (page: Page): Promise<number> => page.evaluate(() => performance.timeOrigin);
