import { lockStockRows, reserveStock } from './order-workflow/inventory.ts';
import { bookCarrier, loadArchivedOrder } from './order-workflow/orders.ts';
import { authorisePayment } from './order-workflow/payment-client.ts';
import { workFor } from './order-workflow/pause.ts';
import { priceOrder } from './order-workflow/pricing.ts';
import { cachedSuggestions } from './order-workflow/recommendations.ts';
import { importCatalogue } from './order-workflow/supplier-import.ts';
import type { RecordException } from './telemetry/record-exception.ts';

/** What a scenario works with; every attempt gets an order number of its own. */
export interface WorkflowJob {
  orderNumber: number;
  paymentUrl: string;
  record: RecordException;
  step: <T>(name: string, work: () => Promise<T>) => Promise<T>;
}

/** Throws, resolves, or resolves to the reason for which it gave up without an exception. */
export type Attempt = (job: WorkflowJob) => Promise<string | undefined>;

export interface Scenario {
  summary: string;
  /** Name of the root span. */
  workflow: string;
  expected: 'failed' | 'ok';
  attempts: readonly [Attempt, ...Attempt[]];
}

async function oneException({ step }: WorkflowJob): Promise<undefined> {
  await step('price order', () =>
    priceOrder([
      { article: 'SKU-10442', quantity: 2 },
      { article: 'SKU-99173', quantity: 1 },
    ]),
  );
}

async function causeChain({ orderNumber, step }: WorkflowJob): Promise<undefined> {
  await step('reserve stock', () => reserveStock(orderNumber));
}

async function secondService({ orderNumber, paymentUrl, step }: WorkflowJob): Promise<undefined> {
  await step('charge customer', () => authorisePayment(paymentUrl, orderNumber, 184_990));
}

async function success({ orderNumber, paymentUrl, step }: WorkflowJob): Promise<undefined> {
  await step('price order', () => priceOrder([{ article: 'SKU-20811', quantity: 3 }]));
  await step('charge customer', () => authorisePayment(paymentUrl, orderNumber, 20_544));
  await step('print label', () => workFor(40));
}

async function statusOnly({ orderNumber, step }: WorkflowJob): Promise<string> {
  await step('request label', () => workFor(120));
  return `order ${orderNumber}: the carrier issued no label within 120 ms`;
}

async function handled({ orderNumber, record, step }: WorkflowJob): Promise<undefined> {
  await step('suggest articles', () =>
    cachedSuggestions(orderNumber).catch((problem: unknown) => {
      record(problem);
      return [];
    }),
  );
  await step('send confirmation', () => workFor(30));
}

async function lockTimeout({ orderNumber, step }: WorkflowJob): Promise<undefined> {
  await step('reserve stock', () => lockStockRows(orderNumber));
}

async function addressRejected({ orderNumber, step }: WorkflowJob): Promise<undefined> {
  await step('reserve stock', () => workFor(30));
  await step('book carrier', () => bookCarrier(orderNumber));
}

async function longMessage({ step }: WorkflowJob): Promise<undefined> {
  await step('check rows', importCatalogue);
}

async function changingMessage({ orderNumber, step }: WorkflowJob): Promise<undefined> {
  await step('load order', () => loadArchivedOrder(orderNumber));
}

async function recordedTwice({ orderNumber, record, step }: WorkflowJob): Promise<undefined> {
  await step('book carrier', () =>
    bookCarrier(orderNumber).catch((problem: unknown) => {
      record(problem);
      throw problem;
    }),
  );
}

/** Every way in which the demo's runs end. */
export const scenarios = {
  'one-exception': {
    summary: 'one exception, thrown deep inside',
    workflow: 'price-order',
    expected: 'failed',
    attempts: [oneException],
  },
  'cause-chain': {
    summary: 'an exception with causes, four levels deep',
    workflow: 'fulfil-order',
    expected: 'failed',
    attempts: [causeChain],
  },
  'second-service': {
    summary: 'payment-service fails behind an HTTP call; both services record an exception',
    workflow: 'fulfil-order',
    expected: 'failed',
    attempts: [secondService],
  },
  success: {
    summary: 'a run that succeeds',
    workflow: 'fulfil-order',
    expected: 'ok',
    attempts: [success],
  },
  'status-only': {
    summary: 'status ERROR without any exception',
    workflow: 'print-label',
    expected: 'failed',
    attempts: [statusOnly],
  },
  'handled-exception': {
    summary: 'an exception is handled and the run succeeds',
    workflow: 'confirm-order',
    expected: 'ok',
    attempts: [handled],
  },
  retry: {
    summary: 'two attempts of one run that fail differently',
    workflow: 'ship-order',
    expected: 'failed',
    attempts: [lockTimeout, addressRejected],
  },
  'long-message': {
    summary: 'a message of some 20 KB that no cell could show',
    workflow: 'import-catalogue',
    expected: 'failed',
    attempts: [longMessage],
  },
  'changing-message': {
    summary: 'a message that is new each time ("Order 4711 not found")',
    workflow: 'reorder',
    expected: 'failed',
    attempts: [changingMessage],
  },
  'recorded-twice': {
    summary: 'one exception, recorded on every span that it passes',
    workflow: 'ship-order',
    expected: 'failed',
    attempts: [recordedTwice],
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

const isScenarioName = (name: string): name is ScenarioName => Object.hasOwn(scenarios, name);

export const scenarioNames: readonly ScenarioName[] = Object.keys(scenarios).filter(isScenarioName);
