import type { OtlpSignal } from '../take-body.ts';

/** What a method is for. */
export type Method =
  | { readonly signal: OtlpSignal; readonly isHealthCheck?: undefined }
  | { readonly signal?: undefined; readonly isHealthCheck: true };

/** The methods by their paths, as gRPC builds them of package, service and method. */
export const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', { signal: 'traces' }],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', { signal: 'logs' }],
  ['/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', { signal: 'metrics' }],
  ['/grpc.health.v1.Health/Check', { isHealthCheck: true }],
]);
