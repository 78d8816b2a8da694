import type { Context } from '@opentelemetry/api';
import { recordWholeErrors } from './span/record-whole-errors.ts';
import { runIdOf } from './span/run.ts';
import type { EndedSpan, OpenSpan, ProcessorOfSpans } from './telemetry.ts';

/** How a {@link FailureSpanProcessor} marks spans. */
export interface FailureSpanProcessorOptions {
  /** The attribute that names the run of a span; `run.id` by default. */
  runIdAttribute?: string | undefined;
}

/**
 * A `SpanProcessor` that makes spans tell what failtrace needs: errors with their causes, and which run they
 * belong to. It exports nothing: give it to the provider beside, and before, the processors that do.
 */
export class FailureSpanProcessor implements ProcessorOfSpans {
  readonly #runIdAttribute: string;

  constructor({ runIdAttribute = 'run.id' }: FailureSpanProcessorOptions = {}) {
    this.#runIdAttribute = runIdAttribute;
  }

  onStart(span: OpenSpan, parentContext: Context): void {
    recordWholeErrors(span);
    const runId = runIdOf(parentContext);
    // What the service has named itself stays.
    if (runId === undefined || span.attributes[this.#runIdAttribute] !== undefined) return;
    span.setAttribute(this.#runIdAttribute, runId);
  }

  onEnd(_span: EndedSpan): void {}

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
