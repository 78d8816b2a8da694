/**
 * Makes, in about a minute, the pictures of the README: the dashboard with an open chip, in light and in dark, as it
 * looks after the demo has run against everything that is real. Run it with `npm run screenshots`.
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ScenarioName } from '@failtrace/examples/services';
import type { Browser } from 'playwright-core';
import { runBackend, type LoggedRun } from './chain/backend.ts';
import { startChain } from './chain/chain.ts';
import { rowOf } from './chain/dashboard.ts';
import { launchChromium } from './chromium.ts';

const docs = path.join(import.meta.dirname, '../docs');
const size = { width: 1280, height: 720 };

/** What runs together; the dashboard lists the last one first. Between them some time passes. */
const rounds: readonly (readonly ScenarioName[])[] = [
  ['success', 'cause-chain', 'success'],
  ['success', 'long-message'],
  ['status-only', 'success'],
  ['changing-message', 'second-service'],
  ['retry'],
  ['one-exception', 'success'],
];
const opened: ScenarioName = 'retry';
const pauseMs = 9_000;

interface Picture {
  dashboardUrl: string;
  runId: string;
  colorScheme: 'light' | 'dark';
  file: string;
}

async function takePicture(browser: Browser, picture: Picture): Promise<void> {
  const { dashboardUrl, runId, colorScheme, file } = picture;
  const page = await browser.newPage({ viewport: size, deviceScaleFactor: 1.5, colorScheme });
  await page.goto(dashboardUrl);
  const { chip, download } = rowOf(page, runId);
  await chip.click();
  await download.hover();
  await page.screenshot({ path: path.join(docs, file), animations: 'disabled' });
  await page.close();
  console.log(`docs/${file}`);
}

const chain = await startChain();
try {
  const runs: LoggedRun[] = [];
  for (const scenarios of rounds) {
    runs.push(...(await runBackend(chain, { scenarios })));
    // A list in which everything happened at once would not look like one.
    await sleep(pauseMs);
  }
  const runId = runs.find(({ scenario }) => scenario === opened)?.runId ?? '';
  const browser = await launchChromium();
  const { dashboardUrl } = chain;
  await takePicture(browser, { dashboardUrl, runId, colorScheme: 'light', file: 'dashboard.png' });
  await takePicture(browser, {
    dashboardUrl,
    runId,
    colorScheme: 'dark',
    file: 'dashboard-dark.png',
  });
  await browser.close();
} finally {
  await chain.stop();
}
