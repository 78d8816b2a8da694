import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** What the Collector's own exporter needs of the ClickHouse server. */
export interface ClickHouseTarget {
  /** With user and password, and without a database. */
  url: string;
  database: string;
}

/** How the Collector writes to ClickHouse by itself. */
export interface StoringVariant {
  what: string;
  filters: boolean;
  /** Acknowledge from memory and insert in batches, or insert each request before it is acknowledged. */
  batches: boolean;
}

export const storingVariants: readonly [StoringVariant, ...StoringVariant[]] = [
  {
    what: 'Collector: filter, batch, acknowledge from memory',
    filters: true,
    batches: true,
  },
  { what: 'Collector: filter, acknowledge what is stored', filters: true, batches: false },
  { what: 'Collector: store all spans, batch', filters: false, batches: true },
];

/** The filter that keeps what failtrace keeps, in the two steps that OTTL needs for it. */
export const filters = {
  'filter/events': {
    error_mode: 'ignore',
    trace_conditions: ['spanevent.name != "exception"'],
  },
  'filter/spans': {
    error_mode: 'ignore',
    trace_conditions: [
      [
        'Len(span.events) == 0',
        'span.status.code != STATUS_CODE_ERROR',
        'not IsRootSpan()',
        'span.attributes["run.id"] == nil',
        'span.attributes["workflow.run.id"] == nil',
        'span.attributes["cicd.pipeline.run.id"] == nil',
        'span.attributes["faas.invocation_id"] == nil',
        'span.attributes["k8s.job.uid"] == nil',
      ].join(' and '),
    ],
  },
} as const;

/** Where a Collector of the bench listens. */
export interface CollectorPorts {
  host: string;
  http: number;
  health: number;
}

const service = (pipelines: object, extensions: readonly string[]) => ({
  extensions,
  pipelines,
  telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
});

/** What every configuration of the bench begins with. */
function base({ host, http, health }: CollectorPorts) {
  return {
    receivers: {
      otlp: { protocols: { http: { endpoint: `${host}:${http}` } } },
    },
    extensions: { health_check: { endpoint: `${host}:${health}` } },
  };
}

/** The Collector with its own exporter to ClickHouse, set as that exporter's README recommends. */
export function storingConfig(
  { filters: isFiltering, batches }: StoringVariant,
  { url, database }: ClickHouseTarget,
  ports: CollectorPorts,
): object {
  const queue = batches
    ? { batch: { min_size: 5_000, flush_timeout: '1s' }, block_on_overflow: true }
    : { enabled: false };
  return {
    ...base(ports),
    processors: isFiltering ? filters : {},
    exporters: { clickhouse: { endpoint: url, database, sending_queue: queue } },
    service: service(
      {
        traces: {
          receivers: ['otlp'],
          processors: isFiltering ? Object.keys(filters) : [],
          exporters: ['clickhouse'],
        },
      },
      ['health_check'],
    ),
  };
}

/** A way to put the Collector in front of failtrace. */
export interface FrontVariant {
  what: string;
  processors: object;
  compression: 'none' | 'gzip' | 'zstd';
  /** The least bytes of a batch. */
  batchBytes: number;
  /**
   * Whose pipelines there are: `ours`, to failtrace; that of the `user`, which ends elsewhere; `both`, side by side;
   * or one that is `shared`, with failtrace as one more exporter of it. The processors belong to ours if there is one.
   */
  pipelines: 'ours' | 'user' | 'both' | 'shared';
  /** Keep the queue on disk, as otel-collector.yaml does, or in memory. */
  queueOnDisk: boolean;
  /** Measured across a network, too. */
  isForNetwork: boolean;
}

const cheap = {
  'filter/cheap': {
    error_mode: 'ignore',
    trace_conditions: ['span.status.code != STATUS_CODE_ERROR and not IsRootSpan()'],
  },
};
const MEBIBYTE = 2 ** 20;
const front = (what: string, changes: Partial<FrontVariant> = {}): FrontVariant => ({
  what,
  processors: {},
  compression: 'zstd',
  batchBytes: MEBIBYTE,
  pipelines: 'ours',
  queueOnDisk: true,
  isForNetwork: false,
  ...changes,
});

export const frontVariants: readonly FrontVariant[] = [
  front('a Collector that keeps nothing, and no failtrace', { pipelines: 'user' }),
  front('both filters, gzip', { processors: filters, compression: 'gzip' }),
  front('both filters, zstd', { processors: filters, isForNetwork: true }),
  front('both filters, not packed', { processors: filters, compression: 'none' }),
  front('one cheap condition, zstd', { processors: cheap }),
  front('no filter, gzip', { compression: 'gzip', isForNetwork: true }),
  front('no filter, zstd', { isForNetwork: true }),
  front('no filter, not packed', { compression: 'none', isForNetwork: true }),
  front('no filter, zstd, batches of 8 MiB', { batchBytes: 8 * MEBIBYTE }),
  front('both filters, zstd, queue in memory', { processors: filters, queueOnDisk: false }),
  front('no filter, zstd, queue in memory', { queueOnDisk: false }),
  front('no filter, not packed, queue in memory', { queueOnDisk: false, compression: 'none' }),
  front("beside a user's pipeline: both filters, zstd", { pipelines: 'both', processors: filters }),
  front("beside a user's pipeline: no filter, zstd", { pipelines: 'both' }),
  front("a user's pipeline that filters, without failtrace", {
    pipelines: 'user',
    processors: filters,
  }),
  front("behind a user's pipeline that filters, zstd", {
    pipelines: 'shared',
    processors: filters,
  }),
];

/** The Collector in front of failtrace, its queue as that of otel-collector.yaml. */
export function frontConfig(
  { processors, compression, batchBytes, pipelines, queueOnDisk }: FrontVariant,
  endpoint: string,
  storage: string,
  ports: CollectorPorts,
): object {
  const pipeline = (isFiltering: boolean, ...exporters: string[]) => ({
    receivers: ['otlp'],
    processors: isFiltering ? Object.keys(processors) : [],
    exporters,
  });
  const ours = pipeline(true, 'otlp_http/failtrace');
  const shapes = {
    ours: { 'traces/failtrace': ours },
    user: { 'traces/user': pipeline(true, 'nop') },
    both: { 'traces/failtrace': ours, 'traces/user': pipeline(false, 'nop') },
    shared: { 'traces/user': pipeline(true, 'nop', 'otlp_http/failtrace') },
  };
  return {
    ...base(ports),
    processors,
    exporters: {
      nop: {},
      'otlp_http/failtrace': {
        endpoint,
        compression,
        sending_queue: {
          ...(queueOnDisk && { storage: 'file_storage/failtrace' }),
          sizer: 'bytes',
          queue_size: 2 ** 30,
          batch: { sizer: 'bytes', min_size: batchBytes, flush_timeout: '200ms' },
        },
      },
    },
    extensions: {
      ...base(ports).extensions,
      'file_storage/failtrace': { directory: storage, create_directory: true, fsync: true },
    },
    service: service(shapes[pipelines], ['health_check', 'file_storage/failtrace']),
  };
}

/** Writes a configuration to a file, as JSON, which is YAML. */
export function writeConfig(directory: string, config: object): string {
  const file = path.join(directory, 'config.json');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
