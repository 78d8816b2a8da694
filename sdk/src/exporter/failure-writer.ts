import {
  isPassing,
  openStore,
  reasonOf,
  ReceiveError,
  type Extracted,
  type Store,
} from '@failtrace/collector-plugin';
import { waitFor } from '@failtrace/contract/server';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { ExporterSettings } from './options.ts';

/** Writes failures until ClickHouse has them. */
export interface FailureWriter {
  /** Resolves when all of it is stored. @throws what kept ClickHouse from it to the end of `retryForMs` */
  write(extracted: Extracted): Promise<void>;
  /** Waits for what is under way, and closes the connections. */
  close(): Promise<void>;
}

/**
 * Opens the store when there is something to write, brings its tables up to date with that, and tries again.
 * Nothing of it is traced: the service's own instrumentation would make spans of it, and those more.
 */
export function createFailureWriter(settings: ExporterSettings): FailureWriter {
  const { clickhouse, retryForMs, logger } = settings;
  const underWay = new Set<Promise<void>>();
  let opening: Promise<Store> | undefined;

  function store(): Promise<Store> {
    const current = (opening ??= openStore(clickhouse, settings));
    current.catch(() => {
      if (opening === current) opening = undefined;
    });
    return current;
  }

  const write = (extracted: Extracted) =>
    waitFor(async () => (await store()).write(extracted), {
      timeoutMs: retryForMs,
      isPassing: (error) => error instanceof ReceiveError || isPassing(error),
      onWait: (error, secondsLeft) =>
        logger.warn(
          { reason: reasonOf(error) },
          `ClickHouse does not take the failures. Trying again, for ${secondsLeft} s more.`,
        ),
    });

  return {
    write(extracted) {
      const writing = context.with(suppressTracing(context.active()), () => write(extracted));
      underWay.add(writing);
      const forget = () => underWay.delete(writing);
      writing.then(forget, forget);
      return writing;
    },
    async close() {
      await Promise.allSettled(underWay);
      await opening?.then(
        (opened) => opened.close(),
        () => undefined,
      );
    },
  };
}
