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
];

/** Attribute names in order of preference, prepared for comparison with wire bytes. */
export interface AttributeNames {
  readonly names: readonly string[];
  readonly encoded: readonly Buffer[];
  /** 1 at each byte length that some name has: one load tells most attributes apart. */
  readonly lengths: Uint8Array;
}

/** Prepares names to look attributes up by; the index of a name is its rank. */
export function attributeNames(names: readonly string[]): AttributeNames {
  const encoded = names.map((name) => Buffer.from(name));
  const lengths = new Uint8Array(Math.max(127, ...encoded.map((name) => name.length)) + 1);
  for (const name of encoded) lengths[name.length] = 1;
  return { names, encoded, lengths };
}
