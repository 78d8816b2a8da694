export { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from './decode/attribute-names.ts';
export type { AttributeNames } from './decode/attribute-names.ts';
export type {
  DecodedException,
  DecodedResource,
  DecodedSpan,
  DecodedTraces,
} from './decode/decoded-span.ts';
export * from './decode/decoders.ts';
export { decodeTracesJson } from './decode/json.ts';
export { decodeTracesProtobuf } from './decode/protobuf.ts';
export * from './errors.ts';
export { extract } from './extract/extract.ts';
export type * from './extract/failure.ts';
export { createIngest, type Ingest, type Ingested, type Origin } from './ingest/ingest.ts';
export { readReceiverSettings, type ReceiverSettings } from './settings.ts';
export { startReceiver } from './start-receiver.ts';
export { createStoreClient } from './store/client.ts';
export { migrate, MigrationError, MINIMUM_CLICKHOUSE_VERSION } from './store/migrate.ts';
export type { MigrateOptions, MigrationErrorCode } from './store/migrate.ts';
export { createStore, type Store, type StoreOptions } from './store/store.ts';
export type { OtlpAuth, OtlpKey } from './transport/admission.ts';
