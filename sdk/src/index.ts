export { ExporterClosedError, FailureExporter } from './exporter/failure-exporter.ts';
export type { FailureExporterOptions } from './exporter/options.ts';
