import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { launchChromium } from '../../../e2e/chromium.ts';
import { ScriptedApi } from './scripted-api.ts';

/** A real Chromium, the chip's own bundle, and a server that serves a page and the HTTP contract. */
export interface Stage {
  readonly browser: Browser;
  readonly api: ScriptedApi;
  /** Opens a page with this body in a fresh browser context. */
  open(body: string, options?: OpenOptions): Promise<Page>;
  close(): Promise<void>;
}

interface OpenOptions extends BrowserContextOptions {
  /** Goes into the head, before the chip is defined. */
  readonly head?: string;
  /** Runs in the page before anything else. */
  readonly before?: () => void;
}

export async function openStage(): Promise<Stage> {
  const api = new ScriptedApi();
  const [browser, bundle] = await Promise.all([launchChromium(), bundleChip(), api.listen()]);
  api.file('/chip.js', 'text/javascript', bundle);
  api.file('/favicon.ico', 'image/x-icon', '');
  let pages = 0;
  return {
    browser,
    api,
    async open(body, { head = '', before, ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1000, height: 700 },
        locale: 'en-GB',
        timezoneId: 'UTC',
        ...options,
      });
      const page = await context.newPage();
      if (before) await page.addInitScript(before);
      pages += 1;
      const path = `/page/${pages}`;
      api.file(path, 'text/html; charset=utf-8', pageOf(head, body));
      await page.goto(api.origin + path);
      await page.evaluate(() => customElements.whenDefined('failure-chip'));
      return page;
    },
    async close() {
      await browser.close();
      await api.close();
    },
  };
}

/** The parts of one chip, as a person or a screen reader finds them. */
export function partsOf(page: Page, selector = 'failure-chip') {
  const host = page.locator(selector);
  const part = (name: string): Locator => host.locator(`[part="${name}"]`);
  return {
    host,
    chip: part('chip'),
    popover: part('popover'),
    message: part('message'),
    copy: part('copy'),
    retry: part('retry'),
    download: part('download'),
    tooltip: part('tooltip'),
    note: part('note'),
  };
}

async function bundleChip(): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [join(import.meta.dirname, '..', 'index.ts')],
    bundle: true,
    conditions: ['failtrace-source'],
    format: 'esm',
    write: false,
  });
  const file = result.outputFiles[0];
  if (file === undefined) throw new Error('esbuild wrote nothing');
  return file.contents;
}

function pageOf(head: string, body: string): string {
  return `<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Runs</title>${head}
<script type="module" src="/chip.js"></script></head>
<body><main><h1>Runs</h1>${body}</main></body>
</html>`;
}
