import { nameTable, type NameTable } from './names.ts';

/** The attribute names that are looked up for a run id, in this order, when nothing is configured. */
export const DEFAULT_RUN_ID_ATTRIBUTES: readonly string[] = [
  'run.id',
  'workflow.run.id',
  'cicd.pipeline.run.id',
  'faas.invocation_id',
  'k8s.job.uid',
];

/** The resource attributes that name the tenant and the service. */
export const SERVICE_ATTRIBUTES: readonly string[] = ['service.namespace', 'service.name'];

/** The attributes of an exception event, by the OpenTelemetry semantic conventions. */
export const EXCEPTION_ATTRIBUTES: readonly string[] = [
  'exception.type',
  'exception.message',
  'exception.stacktrace',
  'exception.escaped',
];

/** Attribute names in order of preference, prepared for comparison with the bytes of a body. */
export type AttributeNames = NameTable;

/** Prepares names to look attributes up by; the index of a name is its rank. */
export function attributeNames(names: readonly string[]): AttributeNames {
  return nameTable(names);
}
