import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { defaultLabels } from './labels.ts';
import { type Answer, ScriptedApi } from './testing/scripted-api.ts';
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

describe('asking', () => {
  it('waits until somebody is interested, and asks once', async () => {
    stage.api.runs(failedRun('a/b'));
    page = await stage.open('<failure-chip run-id="a/b" error-message="Boom"></failure-chip>');
    const { chip, popover } = partsOf(page);
    await page.waitForTimeout(200);
    expect(stage.api.asked).toEqual([]);
    await chip.hover();
    await popover.locator('time').waitFor();
    await chip.click();
    await page.keyboard.press('Escape');
    await chip.click();
    await popover.locator('time').waitFor();
    expect(stage.api.asked).toEqual(['GET /api/runs/a%2Fb']);
  });

  it('looks 500 chips up in one request', async () => {
    const ids = Array.from({ length: 500 }, (_, index) => `run_${index}`);
    stage.api.runs(...ids.map((id) => failedRun(id, { error_message: `Failure of ${id}` })));
    const chips = ids
      .map((id) => `<failure-chip id="${id}" run-id="${id}"></failure-chip>`)
      .join('');
    const head =
      '<style>failure-chip { --failure-chip-max-inline-size: 40px; font-size: 10px }</style>';
    page = await stage.open(chips, { head });
    const { chip } = partsOf(page, '#run_499');
    await expect.poll(() => chip.textContent()).toContain('Failure of run_499');
    expect(stage.api.asked).toEqual(['POST /api/runs/lookup']);
    // In whatever order the browser told the chips that they are in view.
    const { run_ids: asked } = JSON.parse(stage.api.requests[0]?.body ?? '') as {
      run_ids: string[];
    };
    expect(asked.toSorted()).toEqual(ids.toSorted());
    expect(await page.locator('failure-chip .failed.chip').count()).toBe(500);
  });

  it('looks up what is in view, and the rest when it comes into view', async () => {
    stage.api.runs(failedRun('near'), failedRun('far'));
    page = await stage.open(`<failure-chip run-id="near"></failure-chip>
      <div style="height: 5000px"></div><failure-chip id="far" run-id="far"></failure-chip>`);
    await expect
      .poll(() => stage.api.requests.map(({ body }) => body))
      .toEqual(['{"run_ids":["near"]}']);
    await page.locator('#far').scrollIntoViewIfNeeded();
    await expect.poll(() => stage.api.requests.at(-1)?.body).toBe('{"run_ids":["far"]}');
  });

  it('asks nothing for a run that the page has already', async () => {
    page = await stage.open('<failure-chip></failure-chip>');
    const { host, chip, popover, download } = partsOf(page);
    await host.evaluate(
      (element: HTMLElementTagNameMap['failure-chip'], run) => {
        element.run = run;
      },
      failedRun('run_7', { error_message: 'known' }),
    );
    await expect.poll(() => chip.textContent()).toContain('known');
    await chip.click();
    await popover.locator('time').waitFor();
    expect(await download.getAttribute('href')).toContain('/api/runs/run_7/trace');
    expect(stage.api.asked).toEqual([]);
  });

  it('uses the headers, the credentials and the fetch of the page', async () => {
    const other = new ScriptedApi();
    await other.listen();
    other.runs(failedRun('1'), failedRun('2'));
    page = await stage.open('');
    await page.context().addCookies([{ name: 'session', value: 's1', url: other.origin }]);
    await page.evaluate((api) => {
      const one = document.createElement('failure-chip');
      Object.assign(one, { runId: '1', api, requestInit: { headers: { 'X-Team': 'red' } } });
      const two = document.createElement('failure-chip');
      const fetch: typeof globalThis.fetch = (input, init) => {
        const headers = new Headers(init?.headers);
        headers.set('Authorization', 'Bearer key');
        return globalThis.fetch(input, { ...init, headers });
      };
      Object.assign(two, { runId: '2', api, fetch, credentials: 'include' });
      document.body.append(one, two);
    }, other.origin);
    const posts = () => other.requests.filter(({ method }) => method === 'POST');
    await expect.poll(() => posts().length).toBe(2);
    const [one, two] = posts().toSorted((a, b) => a.body.localeCompare(b.body));
    expect(one?.headers).toMatchObject({ 'x-team': 'red' });
    expect(one?.headers.cookie).toBeUndefined();
    expect(two?.headers).toMatchObject({ authorization: 'Bearer key', cookie: 'session=s1' });
    await other.close();
  });
});

describe('giving up', () => {
  it('aborts when the chip is removed, and asks again when it comes back', async () => {
    stage.api.script('1', 'hang', { run: failedRun('1') });
    page = await stage.open('<failure-chip run-id="1" error-message="Boom"></failure-chip>');
    const { chip, host, popover } = partsOf(page);
    await chip.click();
    await expect.poll(() => stage.api.requests.length).toBe(1);
    await host.evaluate((element) => {
      Object.assign(globalThis, { element });
      element.remove();
    });
    await expect.poll(() => stage.api.requests[0]?.aborted).toBe(true);
    await page.evaluate(() => {
      document.body.append((globalThis as unknown as { element: Element }).element);
    });
    await chip.click();
    await popover.locator('time').waitFor();
  });

  it('aborts when another run is shown, and never shows the one before', async () => {
    stage.api.script('1', { run: failedRun('1', { error_message: 'old' }), afterMs: 600 });
    stage.api.runs(failedRun('2', { error_message: 'new' }));
    page = await stage.open('<failure-chip run-id="1" error-message="…"></failure-chip>');
    const { chip, host, message } = partsOf(page);
    await chip.click();
    await expect.poll(() => stage.api.requests.length).toBe(1);
    await host.evaluate((element) => element.setAttribute('run-id', '2'));
    await expect.poll(() => message.textContent()).toBe('new');
    await expect.poll(() => stage.api.requests[0]?.aborted).toBe(true);
    await page.waitForTimeout(800);
    expect(await message.textContent()).toBe('new');
  });
});

describe('an API that does not answer with a run', () => {
  it.each<[string, Answer, keyof typeof defaultLabels.sentences]>([
    ['hangs up', 'hang up', 'network'],
    ['answers 401', { status: 401 }, 'unauthenticated'],
    ['answers 404', { status: 404 }, 'not_found'],
    ['answers 503', { status: 503 }, 'service_unavailable'],
    ['answers with HTML', { garbage: '<!doctype html>' }, 'unexpected'],
  ])('%s: says so, keeps the message, and can be asked again', async (_, answer, code) => {
    stage.api.script('1', answer);
    page = await stage.open('<failure-chip run-id="1" error-message="Boom"></failure-chip>');
    const { chip, message, download, tooltip, retry } = partsOf(page);
    await chip.click();
    await retry.waitFor();
    expect(await message.textContent()).toBe('Boom');
    expect(await download.getAttribute('aria-disabled')).toBe('true');
    await download.hover();
    expect(await tooltip.isVisible()).toBe(true);
    expect(await tooltip.textContent()).toBe(defaultLabels.sentences[code]);
    stage.api.runs(failedRun('1'));
    await retry.click();
    await expect.poll(() => download.getAttribute('href')).not.toBeNull();
    expect(await retry.count()).toBe(0);
  });
});

describe('a chip that is not set up', () => {
  it.each([
    ['run-id="1" api="javascript:alert(1)"', 'bad_api', 'api "javascript:alert(1)"'],
    ['run-id="1" api="failtrace.example"', 'bad_api', 'api "failtrace.example"'],
    ['', 'bad_run_id', 'run-id ""'],
    ['run-id=".."', 'bad_run_id', 'run-id ".."'],
  ] as const)('with %s says so, once on the console', async (attributes, code, words) => {
    page = await stage.open('<div id="place"></div>');
    const warnings: string[] = [];
    page.on('console', (line) => {
      if (line.type() === 'warning') warnings.push(line.text());
    });
    await page.locator('#place').evaluate((place, html) => {
      place.innerHTML = html;
    }, `<failure-chip ${attributes}></failure-chip>`);
    const { chip, tooltip, host } = partsOf(page);
    await chip.click();
    expect(await chip.textContent()).toContain(defaultLabels.misconfigured);
    expect(await tooltip.textContent()).toBe(defaultLabels.sentences[code]);
    expect(await host.locator('a[href], [part=retry]').count()).toBe(0);
    expect(warnings).toEqual([expect.stringContaining(words)]);
    expect(stage.api.asked).toEqual([]);
  });
});
