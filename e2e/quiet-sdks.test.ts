import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startChain, type Chain } from './chain/chain.ts';
import { quietServices } from './sdks/quiet-services.ts';
import { missingFor, prepareProgram } from './sdks/run-program.ts';

let chain: Chain;

beforeAll(async () => {
  chain = await startChain();
});
afterAll(() => chain?.stop());

/** The defaults of an SDK that is told where to send, and how. */
const settings = (endpoint: string, protocol: string, runId: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_SERVICE_NAME: 'quiet',
  RUN_ID: runId,
});

/** The lines that speak of trouble, of all that a service wrote. */
function complaints(output: Buffer): string[] {
  return output
    .toString()
    .split('\n')
    .filter((line) => /warn|error|exception|fail|refused|severe|unimplemented/i.test(line));
}

describe('a service with the defaults of its SDK', () => {
  it.for(
    quietServices.flatMap((service) =>
      (['http/protobuf', 'grpc'] as const).map((protocol) => ({ ...service, protocol })),
    ),
  )(
    'that is instrumented for $name complains of nothing over $protocol',
    async (service, { skip }) => {
      const missing = await missingFor(service);
      if (missing !== '') skip(missing);
      const run = await prepareProgram(service);
      const runId = `run_quiet_${randomBytes(6).toString('hex')}`;
      const endpoint =
        service.protocol === 'grpc' ? (chain.otlpGrpcEndpoint ?? '') : chain.otlpEndpoint;
      const output = await run(settings(endpoint, service.protocol, runId));
      expect(complaints(output)).toEqual([]);

      const known = await (await fetch(`${chain.dashboardUrl}/api/runs/${runId}`)).json();
      expect(known).toMatchObject({
        status: 'failed',
        error_type: expect.stringMatching(/Error|Exception/),
      });
      expect(known).toMatchObject({
        attempt_list: [
          { failures: expect.arrayContaining([expect.objectContaining({ source: 'log_record' })]) },
        ],
      });
    },
  );

  it.for(quietServices)(
    'that is instrumented for $name would be heard',
    async (service, { skip }) => {
      const missing = await missingFor(service);
      if (missing !== '') skip(missing);
      const refusing = createServer((request, response) => {
        request.resume().on('end', () => response.writeHead(404).end());
      }).listen(0, '127.0.0.1');
      await once(refusing, 'listening');
      onTestFinished(() => void refusing.close());
      const { port } = refusing.address() as AddressInfo;
      const run = await prepareProgram(service);
      const output = await run(
        settings(`http://127.0.0.1:${port}`, 'http/protobuf', 'run_unheard'),
      );
      expect(complaints(output)).not.toEqual([]);
    },
  );
});
