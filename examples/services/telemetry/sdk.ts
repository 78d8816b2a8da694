import { createRequire } from 'node:module';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';

type TraceExporter = NodeSDKConfiguration['traceExporter'];

/** The values of `OTEL_EXPORTER_OTLP_PROTOCOL` that the demo knows. */
export const otlpProtocols = ['http/json', 'http/protobuf'] as const;
export type OtlpProtocol = (typeof otlpProtocols)[number];

const exporters: Record<OtlpProtocol, () => TraceExporter> = {
  'http/json': () => new JsonTraceExporter(),
  'http/protobuf': () => new ProtobufTraceExporter(),
};

export interface Telemetry {
  /** Sends what is still queued; resolves when the receiver has answered or given up on. */
  shutdown: () => Promise<void>;
}

export interface TelemetryOptions {
  protocol: OtlpProtocol;
  /** Called for every batch that the receiver did not take, retries included. */
  onExportFailure: (message: string) => void;
}

/**
 * Starts the OpenTelemetry SDK for this process. Name, namespace, endpoint and batch delay come
 * from the SDK's own `OTEL_*` variables. Only traces are exported.
 */
export function startTelemetry({ protocol, onExportFailure }: TelemetryOptions): Telemetry {
  const sdk = new NodeSDK({
    traceExporter: reportFailures(exporters[protocol](), onExportFailure),
    instrumentations: [new HttpInstrumentation()],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  // The instrumentation patches `http` when it is first required. ES modules get the same object
  // as their default import, so one require here spares every process a loader hook.
  createRequire(import.meta.url)('node:http');
  return { shutdown: () => sdk.shutdown() };
}

function reportFailures(
  exporter: TraceExporter,
  onExportFailure: (message: string) => void,
): TraceExporter {
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        if (result.error !== undefined) onExportFailure(result.error.message);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
