import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger } from '@failtrace/contract/server';
import { readStandaloneSettings, startStandalone } from 'failtrace';

/** From where an SDK sends to where a person looks. */
export interface Chain {
  /** Base URL for the SDK, without `/v1/traces`. */
  otlpEndpoint: string;
  /** The same for gRPC; undefined where what is in front takes none. */
  otlpGrpcEndpoint?: string | undefined;
  /** Origin of the dashboard and of the API. */
  dashboardUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts all of failtrace on free ports, with a data directory of its own that goes with it.
 *
 * @param env settings besides
 */
export async function startChain(env: Record<string, string> = {}): Promise<Chain> {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'failtrace-chain-'));
  const settings = readStandaloneSettings({
    FAILTRACE_DATA_DIR: dataDirectory,
    FAILTRACE_OTLP_PORT: '0',
    FAILTRACE_API_PORT: '0',
    ...env,
  });
  const standalone = await startStandalone(settings, {
    createLogger,
  });
  await standalone.ready;
  return {
    otlpEndpoint: standalone.otlpUrl,
    otlpGrpcEndpoint: standalone.otlpGrpcUrl,
    dashboardUrl: standalone.url,
    stop: async () => {
      await standalone.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
