import type { Attributes, Context, Link, SpanKind, TraceState } from '@opentelemetry/api';

/** What a sampler decides, by OpenTelemetry's numbers: 0 not to record, 1 to record, 2 to record and sample. */
export interface SampledResult {
  decision: number;
  attributes?: Readonly<Attributes>;
  traceState?: TraceState;
}

/** A sampler, by its form; OpenTelemetry's own are some. */
export interface SamplerOfSpans {
  shouldSample(
    context: Context,
    traceId: string,
    spanName: string,
    spanKind: SpanKind,
    attributes: Attributes,
    links: Link[],
  ): SampledResult;
  toString(): string;
}

const NOT_RECORD = 0;
const RECORD = 1;

/**
 * Decides as `base` does, but has the spans recorded that `base` drops: processors see them, and they are not
 * marked as sampled. So a batch processor goes on leaving them out, other services go on being told that the trace
 * is not sampled, and a `FailureSpanProcessor` with an exporter keeps those that failed.
 */
export function failureSampler(base: SamplerOfSpans): SamplerOfSpans {
  return {
    shouldSample(...args) {
      const result = base.shouldSample(...args);
      return result.decision === NOT_RECORD ? { ...result, decision: RECORD } : result;
    },
    toString: () => `failureSampler(${base.toString()})`,
  };
}
