export { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from './decode/attribute-names.ts';
export type { AttributeNames } from './decode/attribute-names.ts';
export type { DecodeOptions } from './decode/decode-options.ts';
export { decoders } from './decode/decoders.ts';
export type { DecodedSignals, Decoder, MessageEncoding } from './decode/decoders.ts';
export { DEFAULT_DECODE_LIMITS, type DecodeLimits, type LeftOut } from './decode/limits.ts';
export type { DecodedException, DecodedResource } from './decode/decoded.ts';
export type { DecodedSpan, DecodedTraces } from './decode/traces/decoded-traces.ts';
export type { DecodedLogRecord, DecodedLogs } from './decode/logs/decoded-logs.ts';
export { spanFact } from './decode/traces/span-facts.ts';
export * from './errors.ts';
export { extract, type ExtractOptions } from './extract/extract.ts';
export { extractLogs } from './extract/extract-logs.ts';
export { spanMatters } from './extract/span-rule.ts';
export { MAX_CLOCK_SKEW_MS } from './extract/times.ts';
export type * from './extract/failure.ts';
export { createIngest, type Ingest, type Ingested, type Origin } from './ingest/ingest.ts';
export { openStore, type OpenStoreOptions } from './open-store.ts';
export { readReceiverSettings, type ReceiverSettings } from './settings.ts';
export { openReceiver, startReceiver, type Receiver } from './start-receiver.ts';
export { createStoreClient } from './store/client.ts';
export { MINIMUM_CLICKHOUSE_VERSION } from './store/clickhouse-version.ts';
export { migrate, type MigrateOptions } from './store/migrate.ts';
export {
  isPassing,
  MigrationError,
  reasonOf,
  type MigrationErrorCode,
} from './store/migration-error.ts';
export { createStore, type Store, type StoreOptions } from './store/store.ts';
export type { OtlpAuth, OtlpKey } from './transport/admission.ts';
