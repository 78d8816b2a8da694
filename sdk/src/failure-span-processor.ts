import type { Context } from '@opentelemetry/api';
import { flushWhileBlocked } from './ending/flush-while-blocked.ts';
import { watchTheEnd } from './ending/watch-the-end.ts';
import { isKept } from './exporter/decoded-spans.ts';
import type { FailureExporter } from './exporter/failure-exporter.ts';
import { createFailureQueue, type FailureQueue } from './failing/failure-queue.ts';
import { recordWholeErrors } from './span/record-whole-errors.ts';
import { runIdOf } from './span/run.ts';
import type { EndedSpan, OpenSpan, ProcessorOfSpans } from './telemetry.ts';

/** What a {@link FailureSpanProcessor} does beside recording whole errors. */
export interface FailureSpanProcessorOptions {
  /** The attribute that names the run of a span; `run.id` by default. */
  runIdAttribute?: string | undefined;
  /** Gets the spans that failed or name a run, sampled or not, and what ends the process. Without one nothing is exported. */
  exporter?: FailureExporter | undefined;
  /** How long the end of the process may wait for ClickHouse, in milliseconds; 5,000 by default, 0 for not at all. */
  lastFlushMs?: number | undefined;
}

/** Spans that are never ended must not fill the memory. */
const MOST_OPEN_ROOTS = 10_000;

/** What an exporter makes possible. */
interface Exporting {
  exporter: FailureExporter;
  queue: FailureQueue;
  openRoots: Set<OpenSpan>;
  stopWatching: () => void;
}

/**
 * A `SpanProcessor` that makes spans tell what failtrace needs: errors with their causes, and which run they
 * belong to. With an exporter it sends those there that failed or name a run, whatever the sampler said, and stores
 * what ends the process before the process ends.
 */
export class FailureSpanProcessor implements ProcessorOfSpans {
  readonly #runIdAttribute: string;
  readonly #exporting: Exporting | undefined;

  constructor({
    runIdAttribute = 'run.id',
    exporter,
    lastFlushMs = 5_000,
  }: FailureSpanProcessorOptions = {}) {
    this.#runIdAttribute = runIdAttribute;
    this.#exporting = exporter && exportTo(exporter, lastFlushMs);
  }

  onStart(span: OpenSpan, parentContext: Context): void {
    recordWholeErrors(span);
    const roots = this.#exporting?.openRoots;
    if (roots && roots.size < MOST_OPEN_ROOTS && isLocalRoot(span)) roots.add(span);
    const runId = runIdOf(parentContext);
    // What the service has named itself stays.
    if (runId === undefined || span.attributes[this.#runIdAttribute] !== undefined) return;
    span.setAttribute(this.#runIdAttribute, runId);
  }

  onEnd(span: EndedSpan): void {
    if (!this.#exporting) return;
    const { exporter, queue, openRoots } = this.#exporting;
    // What is removed is the very object that was added.
    openRoots.delete(span as OpenSpan);
    const isUnknown = span.resource.asyncAttributesPending === true;
    if (isUnknown || isKept(span, exporter.settings.runIdAttributes)) queue.add(span);
  }

  async forceFlush(): Promise<void> {
    await this.#exporting?.queue.flush();
  }

  async shutdown(): Promise<void> {
    this.#exporting?.stopWatching();
    await this.#exporting?.queue.flush();
    await this.#exporting?.exporter.shutdown();
  }
}

function exportTo(exporter: FailureExporter, lastFlushMs: number): Exporting {
  const queue = createFailureQueue(exporter);
  const openRoots = new Set<OpenSpan>();
  const flush = () => {
    const spans = queue.pending();
    if (spans.length === 0 || lastFlushMs === 0) return;
    queue.clear();
    if (flushWhileBlocked(spans, exporter.options, lastFlushMs)) return;
    exporter.settings.logger.error(
      { spans: spans.length },
      `The failures at the end of the process were not stored within ${lastFlushMs} ms.`,
    );
  };
  return { exporter, queue, openRoots, stopWatching: watchTheEnd({ openRoots, flush }) };
}

function isLocalRoot({ parentSpanContext }: OpenSpan): boolean {
  return parentSpanContext === undefined || parentSpanContext.isRemote === true;
}
