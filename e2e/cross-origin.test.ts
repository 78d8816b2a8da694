import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startChain, type Chain } from './chain/chain.ts';
import { launchChromium } from './chromium.ts';
import { portOf } from './collector/free-ports.ts';
import { sendOneFailure } from './command/one-failure.ts';

// To a browser `localhost` and `127.0.0.1` are different sites, and different ports of one of them
// different origins of one site. failtrace listens on 127.0.0.1.

/** Serves pages of which each test says what stands in them. */
interface OtherOrigin {
  url: string;
  /** What a page has in it; it changes from test to test. */
  html: string;
}

/** What of `fetch` these tests use. */
interface Asked {
  method?: string;
  mode?: 'no-cors';
  headers?: Record<string, string>;
  body?: string;
}

const servers: Server[] = [];

async function startOrigin(host: 'localhost' | '127.0.0.1'): Promise<OtherOrigin> {
  const origin = { url: '', html: '' };
  const server = createServer((request, response) => {
    const isPage = request.url === '/';
    response.writeHead(isPage ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(isPage ? `<!doctype html><title>elsewhere</title>${origin.html}` : '');
  });
  servers.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  origin.url = `http://${host}:${portOf(server)}`;
  return origin;
}

let chain: Chain;
let browser: Browser;
let named: OtherOrigin;
let stranger: OtherOrigin;
let neighbour: OtherOrigin;
let stackText: string;
let traceUrl: string;

beforeAll(async () => {
  [named, stranger, neighbour] = await Promise.all([
    startOrigin('localhost'),
    startOrigin('localhost'),
    startOrigin('127.0.0.1'),
  ]);
  chain = await startChain({ FAILTRACE_CORS_ORIGINS: named.url });
  browser = await launchChromium();
  stackText = await sendOneFailure(chain.otlpEndpoint, '4711');
  traceUrl = `${chain.dashboardUrl}/api/runs/4711/trace`;
});
afterAll(async () => {
  await browser?.close();
  await chain?.stop();
  for (const server of servers) server.close();
});

async function open({ url }: OtherOrigin): Promise<Page> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/**
 * What became of the request to the API that the page makes by `action`: its status, or `kept` where
 * the browser keeps the answer from the page, as the answer's headers tell it to.
 */
async function outcomeOf(page: Page, action: () => Promise<unknown>): Promise<number | 'kept'> {
  const toApi = (url: string) => url.startsWith(`${chain.dashboardUrl}/api/`);
  const [outcome] = await Promise.all([
    Promise.race([
      page.waitForResponse((answer) => toApi(answer.url())).then((answer) => answer.status()),
      page
        .waitForEvent('requestfailed', (request) => toApi(request.url()))
        .then(() => 'kept' as const),
    ]),
    action(),
  ]);
  return outcome;
}

describe('a page of another origin', () => {
  it('loads the chip by <script type="module">, also when it has it already', async () => {
    stranger.html = `<script type="module" src="${chain.dashboardUrl}/failure-chip.js"></script>`;
    const page = await open(stranger);
    const defined = () =>
      page.evaluate(() => customElements.whenDefined('failure-chip').then(() => 1));
    expect(await defined()).toBe(1);
    const [again] = await Promise.all([
      page.waitForResponse((answer) => answer.url().endsWith('/failure-chip.js')),
      page.reload(),
    ]);
    expect([200, 304]).toContain(again.status());
    expect(await defined()).toBe(1);
  });

  it('reads what the API has for it when it is named', async () => {
    named.html = '';
    const page = await open(named);
    const read = await page.evaluate(async (url) => {
      const trace = await fetch(url);
      const lookup = await fetch(new URL('/api/runs/lookup', url), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"run_ids":["4711"]}',
      });
      return {
        text: await trace.text(),
        name: trace.headers.get('Content-Disposition'),
        lookup: lookup.status,
      };
    }, traceUrl);
    expect(read).toEqual({
      text: stackText,
      name: expect.stringContaining('4711_trace.txt'),
      lookup: 200,
    });
  });

  describe.each([
    ['elsewhere', () => stranger],
    ['next door', () => neighbour],
  ])('%s', (_, originOf) => {
    it.each<[string, string]>([
      ['a picture', 'img'],
      ['a frame', 'iframe'],
      ['a script', 'script'],
      ['an embedded object', 'embed'],
    ])('gets nothing by %s', async (__, element) => {
      originOf().html = '';
      const page = await open(originOf());
      const show = () =>
        page.evaluate(
          ([name, src]) =>
            document.body.append(Object.assign(document.createElement(name), { src })),
          [element, traceUrl] as const,
        );
      expect([403, 'kept']).toContain(await outcomeOf(page, show));
    });

    it.each<[string, Asked]>([
      ['fetch', {}],
      ['fetch without CORS', { mode: 'no-cors' }],
      ['posting a text', { method: 'POST', mode: 'no-cors', body: '{"run_ids":["4711"]}' }],
      ['a preflight', { headers: { 'X-API-Key': 'guess' } }],
    ])('gets nothing by %s', async (__, init) => {
      originOf().html = '';
      const page = await open(originOf());
      const url = init.method === 'POST' ? new URL('/api/runs/lookup', traceUrl).href : traceUrl;
      const ask = () =>
        page.evaluate(
          async ([target, options]) => {
            await fetch(target, options).catch(() => undefined);
          },
          [url, init] as const,
        );
      expect([403, 'kept']).toContain(await outcomeOf(page, ask));
    });

    it.each(['<a id="link" href="URL">', '<a id="link" href="URL" download>'])(
      'still links to a download: %s',
      async (link) => {
        originOf().html = `${link.replace('URL', traceUrl)}the trace</a>`;
        const page = await open(originOf());
        const [file] = await Promise.all([page.waitForEvent('download'), page.click('#link')]);
        expect(await readFile(await file.path(), 'utf8')).toBe(stackText);
      },
    );
  });
});
