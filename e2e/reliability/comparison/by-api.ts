import type { Run } from '@failtrace/contract';
import { failureOf, NAMESPACE, type SentFailure } from '../load/failures.ts';
import type { Ledger } from '../load/ledger.ts';
import { createRandom } from '../random.ts';
import type { Findings } from './findings.ts';
import type { Numbers } from './numbers.ts';

/** How much is looked at. */
export interface Depth {
  /** So many texts are downloaded, all or a sample of them. */
  downloads: number;
}

const RUNS_IN_A_LOOKUP = 250;
const AT_ONCE = 4;

/**
 * Compares the ledger with what the API tells: each failure that is there is looked up, and of all or of a
 * sample the whole text is downloaded and compared byte for byte, and its attempts and failures counted.
 *
 * @param present those of which there are rows: the claimed ones without were found lost already
 */
export async function compareByApi(
  apiUrl: string,
  ledger: Ledger,
  { present, depth, findings }: { present: Numbers; depth: Depth; findings: Findings },
): Promise<void> {
  const numbers = numbersOf(ledger).filter((number) => present.has(number));
  const groups = Array.from({ length: Math.ceil(numbers.length / RUNS_IN_A_LOOKUP) }, (_, index) =>
    numbers.slice(index * RUNS_IN_A_LOOKUP, (index + 1) * RUNS_IN_A_LOOKUP),
  );
  await forEachOf(groups, async (group) => {
    const sent = group.map((number) => failureOf(ledger.series, number));
    const runs = await lookUp(apiUrl, sent);
    for (const [index, failure] of sent.entries()) {
      const differs = differenceOf(failure, runs[index]);
      if (differs) findings.add('wrong', `${failure.runId}: ${differs} by look-up`);
    }
  });
  await forEachOf(sampleOf(numbers, depth.downloads, ledger.series.tag), async (number) => {
    const failure = failureOf(ledger.series, number);
    const differs = await downloadDiffers(apiUrl, failure);
    if (differs) findings.add('wrong', `${failure.runId}: ${differs}`);
    const doubled = await isTwice(apiUrl, failure);
    if (doubled) findings.add('doubled', `${failure.runId}: ${doubled}`);
  });
}

/** The claimed ones, and those that the senders gave up: where these stand, they stand whole. */
function numbersOf(ledger: Ledger): number[] {
  return [...ledger.claimed(), ...ledger.givenUp].flatMap(({ first, count }) =>
    Array.from({ length: count }, (_, index) => first + index),
  );
}

function sampleOf(numbers: readonly number[], size: number, tag: string): readonly number[] {
  if (numbers.length <= size) return numbers;
  const random = createRandom(`${tag}/sample`);
  return Array.from({ length: size }, () => numbers[random.whole(numbers.length)] ?? 0);
}

async function forEachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const item = items[next] as T;
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function lookUp(apiUrl: string, sent: readonly SentFailure[]): Promise<readonly Run[]> {
  const response = await fetch(`${apiUrl}/api/runs/lookup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run_ids: sent.map(({ runId }) => runId) }),
  });
  if (response.status !== 200) throw new Error(`look-up: ${await response.text()}`);
  return ((await response.json()) as { runs: Run[] }).runs;
}

function differenceOf(sent: SentFailure, run: Run | undefined): string | undefined {
  const pairs = {
    run_id: [run?.run_id, sent.runId],
    status: [run?.status, 'failed'],
    namespace: [run?.namespace, NAMESPACE],
    service: [run?.service, sent.service],
    attempts: [run?.attempts, 1],
    error_type: [run?.error_type, sent.errorType],
    error_message: [run?.error_message, sent.message],
    'trace.reason': [run?.trace.reason, null],
    'trace.bytes': [run?.trace.bytes, Buffer.byteLength(sent.traceText)],
  };
  const found = Object.entries(pairs).find(([, [is, was]]) => is !== was);
  return found && `${found[0]} is ${JSON.stringify(found[1][0])?.slice(0, 100)}`;
}

/** What is not so about the download of a run; undefined where it is the text that was sent. */
async function downloadDiffers(apiUrl: string, sent: SentFailure): Promise<string | undefined> {
  const response = await fetch(`${apiUrl}/api/runs/${sent.runId}/trace`);
  const text = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) return `the download answers ${response.status}`;
  return text.equals(Buffer.from(sent.traceText)) ? undefined : 'the download differs';
}

async function isTwice(apiUrl: string, { runId }: SentFailure): Promise<string | undefined> {
  const response = await fetch(`${apiUrl}/api/runs/${runId}`);
  const run = (await response.json()) as {
    attempt_list?: { failures: unknown[] }[];
  };
  const [attempt, ...others] = run.attempt_list ?? [];
  if (others.length > 0) return `${others.length + 1} attempts`;
  const failures = attempt?.failures.length ?? 0;
  return failures > 1 ? `${failures} failures` : undefined;
}
