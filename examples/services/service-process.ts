import type { FromService, ToService } from './messages.ts';
import { openFailureLog } from './telemetry/failure-log.ts';
import { createRecordException, type RecordException } from './telemetry/record-exception.ts';
import { otlpProtocols, startTelemetry } from './telemetry/sdk.ts';

export interface ServiceProcess {
  record: RecordException;
  tell: (message: FromService) => void;
  /** Handles the demo's requests; `stop` is dealt with here, after `close` has run. */
  serve: (onMessage: (message: ToService) => void, close?: () => Promise<void>) => void;
}

const tell = (message: FromService): void => {
  if (process.connected) process.send?.(message);
};

/**
 * What every demo service does alike: starts telemetry, opens the log, talks to its parent, and
 * ends with it. `environment` is the process's own; the parent sets everything that is read here.
 */
export function startServiceProcess(
  environment: Readonly<Record<string, string | undefined>>,
): ServiceProcess {
  // Ten frames would cut the tail off the deeper stacks.
  Error.stackTraceLimit = 64;
  const protocol = otlpProtocols.find((it) => it === environment['OTEL_EXPORTER_OTLP_PROTOCOL']);
  const telemetry = startTelemetry({
    protocol: protocol ?? 'http/json',
    onExportFailure: (message) => tell({ kind: 'export-failed', message }),
  });
  const log = openFailureLog(environment['FAILTRACE_DEMO_LOG'] ?? '.failtrace/demo.log');
  const record = createRecordException(environment['OTEL_SERVICE_NAME'] ?? 'unknown_service', log);

  return {
    record,
    tell,
    serve: (onMessage, close = () => Promise.resolve()) => {
      let stopping: Promise<void> | undefined;
      const stop = (): void => {
        stopping ??= close()
          .then(() => telemetry.shutdown())
          // The parent has heard of it: every batch that fails is reported where it is exported.
          .catch(() => undefined)
          // No socket or timer that is still open may keep a service alive that was told to end.
          .finally(() => process.exit());
      };
      // Ctrl-C reaches the whole process group; the parent decides when this process may go.
      process.on('SIGINT', () => undefined);
      process.on('disconnect', stop);
      process.on('message', (message: ToService) => {
        if (message.kind === 'stop') stop();
        else onMessage(message);
      });
    },
  };
}
