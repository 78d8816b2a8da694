export { ExporterClosedError, FailureExporter } from './exporter/failure-exporter.ts';
export type { FailureExporterOptions } from './exporter/options.ts';
export {
  FailureSpanProcessor,
  type FailureSpanProcessorOptions,
} from './failure-span-processor.ts';
export {
  failureSampler,
  type SampledResult,
  type SamplerOfSpans,
} from './failing/failure-sampler.ts';
export { withRun } from './span/run.ts';
export type * from './telemetry.ts';
