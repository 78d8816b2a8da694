/** What failtrace needs of an OTLP resource. Absent attributes are empty. */
export interface DecodedResource {
  /** `service.namespace` */
  namespace: Buffer;
  /** `service.name` */
  service: Buffer;
  /** The value of the first run id attribute that the resource carries. */
  runId: Buffer;
}

/** An exception by the attributes of what it was recorded in: a span event or a log record. Absent ones are empty. */
export interface DecodedException {
  /** Nanoseconds since the Unix epoch; 0 when it has no time. */
  time: bigint;
  /** `exception.type` */
  type: Buffer;
  /** `exception.message` */
  message: Buffer;
  /** `exception.stacktrace`, byte for byte. */
  stackText: Buffer;
  /** `exception.escaped`: the exception left the scope of its span. */
  escaped: boolean;
  /** How many attributes its sender left out. */
  droppedAttributes: number;
}
