export { attributeNames, DEFAULT_RUN_ID_ATTRIBUTES } from './decode/attribute-names.ts';
export type { AttributeNames } from './decode/attribute-names.ts';
export { decodeTracesJson } from './decode/json.ts';
export { decodeTracesProtobuf } from './decode/protobuf.ts';
export { extract } from './extract/extract.ts';
export type { Extracted, Failure, RunSpan } from './extract/failure.ts';
export { migrate, MigrationError, MINIMUM_CLICKHOUSE_VERSION } from './store/migrate.ts';
export { createStore } from './store/store.ts';
export type { Store, StoreOptions } from './store/store.ts';
