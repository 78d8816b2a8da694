import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChain, type Chain } from './chain/chain.ts';
import { languages } from './sdks/languages.ts';
import { missingFor, prepareProgram } from './sdks/run-program.ts';

let chain: Chain;

beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => chain?.stop());

/** `name=value` pairs that the SDK of every language understands. */
const telemetrySettings = (language: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: chain.otlpEndpoint,
  OTEL_SERVICE_NAME: `ledger-${language}`,
});

describe('a failing run that was recorded by the OpenTelemetry SDK', () => {
  it.for(languages)('for $name downloads as it was recorded', async (language, { skip }) => {
    const missing = await missingFor(language);
    if (missing !== '') skip(missing);
    const run = await prepareProgram(language);
    const runId = `run_${language.folder}_${randomBytes(6).toString('hex')}`;
    const recorded = await run({ ...telemetrySettings(language.folder), RUN_ID: runId });
    expect(recorded.length).toBeGreaterThan(100);

    const response = await fetch(`${chain.dashboardUrl}/api/runs/${runId}/trace`);
    const download = Buffer.from(await response.arrayBuffer());
    const known = (await (await fetch(`${chain.dashboardUrl}/api/runs/${runId}`)).json()) as {
      error_type: string;
      error_message: string;
    };
    // The stack of some runtimes does not say what happened, so that stands above it.
    const head = language.saysWhatHappened ? '' : `${known.error_type}: ${known.error_message}\n`;
    // Go's SDK cuts a stack at 2,048 bytes, and a line above says so.
    const line = language.cutsStacks ? download.subarray(0, download.indexOf('\n') + 1) : '';
    const above = `${line.toString()}${head}`;
    expect(line.includes('cut before it came to failtrace')).toBe(language.cutsStacks);
    expect(download.toString()).toBe(above + recorded.toString());
    expect(download.equals(Buffer.concat([Buffer.from(above), recorded]))).toBe(true);
    expect(known).toMatchObject({
      run_id: runId,
      status: 'failed',
      name: 'import ledger',
      error_message: expect.stringMatching(/^account «Überschuss»: "?.*zwölf.*\nsee line 1 🧾$/),
      trace: {
        available: true,
        bytes: download.length,
        upstream_truncated: language.cutsStacks,
      },
    });
  });
});
