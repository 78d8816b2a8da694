import path from 'node:path';
import { freePorts } from '../../../e2e/collector/free-ports.ts';
import { startCollector } from '../../../e2e/collector/start-collector.ts';

/** A Collector that writes all spans into a database, as its ClickHouse exporter does. */
export interface Exporter {
  /** Where it takes OTLP over HTTP. */
  tracesUrl: string;
  stop(): Promise<void>;
}

/**
 * Starts it; when it has started its tables are there.
 *
 * @throws CollectorError where there is neither a Collector nor a Go to build one with
 */
export async function startExporter(clickhouseUrl: string, database: string): Promise<Exporter> {
  const [otlpHttpPort = 0, otlpGrpcPort = 0, healthPort = 0] = await freePorts(3);
  const collector = await startCollector({
    config: path.join(import.meta.dirname, 'collector.yaml'),
    manifest: path.join(import.meta.dirname, 'builder.yaml'),
    env: { BENCH_CLICKHOUSE_URL: clickhouseUrl, BENCH_DATABASE: database },
    otlpHttpPort,
    otlpGrpcPort,
    healthPort,
    storageDirectory: '',
  });
  return { tracesUrl: `http://127.0.0.1:${otlpHttpPort}/v1/traces`, stop: () => collector.stop() };
}
