import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, inject } from 'vitest';
import { startChain, type Chain } from './chain/chain.ts';
import { proveChain } from './chain/proof.ts';
import { freePorts } from './collector/free-ports.ts';
import { startCollector } from './collector/start-collector.ts';

/** The chain with a real Collector in front, exactly as otel-collector.yaml sets it up. */
async function startCollectorChain(): Promise<Chain | null> {
  if (inject('collectorMissing') !== '') return null;
  const behind = await startChain();
  const storageDirectory = await mkdtemp(path.join(tmpdir(), 'failtrace-collector-'));
  const removeStorage = () => rm(storageDirectory, { recursive: true, force: true });
  try {
    const [otlpHttpPort = 0, otlpGrpcPort = 0, healthPort = 0] = await freePorts(3);
    const collector = await startCollector({
      config: path.resolve(import.meta.dirname, '../otel-collector.yaml'),
      env: { FAILTRACE_OTLP_ENDPOINT: behind.otlpEndpoint },
      otlpHttpPort,
      otlpGrpcPort,
      healthPort,
      storageDirectory,
    });
    return {
      otlpEndpoint: `http://127.0.0.1:${otlpHttpPort}`,
      dashboardUrl: behind.dashboardUrl,
      stop: async () => {
        await collector.stop();
        await behind.stop();
        await removeStorage();
      },
    };
  } catch (error) {
    await behind.stop();
    await removeStorage();
    throw error;
  }
}

describe('SDK -> Collector -> receiver -> ClickHouse -> API -> chip', () => {
  proveChain(startCollectorChain, 'http/protobuf');
});
