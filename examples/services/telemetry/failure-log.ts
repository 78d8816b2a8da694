import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** One line of the backend's own log: an exception as it was recorded on a span. */
export interface FailureLogLine {
  /** RFC 3339, milliseconds. */
  time: string;
  run_id: string;
  attempt: number;
  service: string;
  trace_id: string;
  span_id: string;
  type: string;
  message: string;
  stacktrace: string;
}

export type FailureLog = (line: FailureLogLine) => void;

/**
 * A log of JSON lines at `path`; file and folder are made when missing. Both services append to
 * the same file: each line goes out in one write, so that lines never mix.
 */
export function openFailureLog(path: string): FailureLog {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, '');
  return (line) => {
    appendFileSync(path, `${JSON.stringify(line)}\n`);
  };
}
