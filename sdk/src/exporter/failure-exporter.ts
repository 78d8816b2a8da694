import { extract, type Extracted } from '@failtrace/collector-plugin';
import { decodedSpans } from './decoded-spans.ts';
import { createFailureWriter, type FailureWriter } from './failure-writer.ts';
import { logFailures } from './log-failures.ts';
import { readOptions, type ExporterSettings, type FailureExporterOptions } from './options.ts';
import type { EmittedLogRecord, EndedSpan, ExportResult, TelemetryResource } from '../telemetry.ts';

type Exported = readonly EndedSpan[] | readonly EmittedLogRecord[];

/** An export that came after `shutdown`. */
export class ExporterClosedError extends Error {
  override readonly name = 'ExporterClosedError';
  readonly code = 'exporter_closed';
}

/**
 * Writes the failures among spans, or among log records, straight into ClickHouse: without a Collector and
 * without a receiver, and into the same rows as theirs. A `SpanExporter` and a `LogRecordExporter`; each
 * provider shuts its exporters down, so give each one of its own.
 *
 * The tables are made with the first failure. What ClickHouse does not take is tried again; what it has not taken
 * by then is told by the export's result and in one line of the log.
 */
export class FailureExporter {
  /** As they were given. */
  readonly options: FailureExporterOptions;
  /** What they came to. */
  readonly settings: ExporterSettings;
  readonly #writer: FailureWriter;
  readonly #underWay = new Set<Promise<ExportResult>>();
  #closed: Promise<void> | undefined;

  /** @throws SettingError an option is not understood; names it and what is allowed */
  constructor(options: FailureExporterOptions) {
    this.options = options;
    this.settings = readOptions(options);
    this.#writer = createFailureWriter(this.settings);
  }

  export(items: Exported, resultCallback: (result: ExportResult) => void): void {
    const exporting = this.#export(items);
    this.#underWay.add(exporting);
    void exporting.then((result) => {
      this.#underWay.delete(exporting);
      resultCallback(result);
    });
  }

  /** Waits for all exports under way; what became of each its own result tells. */
  async forceFlush(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Waits for all exports under way and closes the connections. */
  shutdown(): Promise<void> {
    this.#closed ??= this.forceFlush().then(() => this.#writer.close());
    return this.#closed;
  }

  async #export(items: Exported): Promise<ExportResult> {
    const { logger } = this.settings;
    try {
      if (this.#closed) throw new ExporterClosedError('The exporter was shut down before.');
      await attributesOf(items);
      const extracted = this.#extract(items);
      if (extracted.rejected.message) logger.warn({}, extracted.rejected.message);
      await this.#writer.write(extracted);
      return { code: 0 };
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error('The export failed', { cause });
      logger.error(
        { err: error, items: items.length },
        'The failures of an export were not stored.',
      );
      return { code: 1, error };
    }
  }

  #extract(items: Exported): Extracted {
    const { runIdAttributes } = this.settings;
    return areSpans(items)
      ? extract(decodedSpans(items, runIdAttributes), { nowMs: Date.now() })
      : logFailures(items, runIdAttributes, Date.now());
  }
}

/** A log record has its span's context as a value, where it has one. */
function areSpans(items: Exported): items is readonly EndedSpan[] {
  return typeof items[0]?.spanContext === 'function';
}

/** What finds out about the service may still be at it. */
async function attributesOf(items: Exported): Promise<void> {
  const pending = new Set<TelemetryResource>();
  for (const { resource } of items) if (resource.asyncAttributesPending) pending.add(resource);
  await Promise.all(
    [...pending].map((resource) => resource.waitForAsyncAttributes?.() ?? Promise.resolve()),
  );
}
