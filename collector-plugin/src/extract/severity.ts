import type { DecodedLogRecord } from '../decode/logs/decoded-logs.ts';

/** SeverityNumber ERROR of opentelemetry/proto/logs/v1/logs.proto; FATAL is above. */
const ERROR = 17;

/** What loggers call severities below an error, where they give no number. */
const belowError =
  /^(?:trace|debug|verbose|fine(?:r|st)?|config|info(?:rmation(?:al)?)?|notice|warn(?:ing)?)\d?$/;
const LONGEST_NAME_BYTES = 16;

/**
 * Whether an exception was dealt with, as far as the severity says that it was logged with: below ERROR it was no
 * more than worth a word. Without any severity it counts as an error, which is what an exception is.
 */
export function isHandledBySeverity({
  severityNumber,
  severityText,
}: Pick<DecodedLogRecord, 'severityNumber' | 'severityText'>): boolean {
  if (severityNumber > 0) return severityNumber < ERROR;
  if (severityText.length > LONGEST_NAME_BYTES) return false;
  return belowError.test(severityText.toString('latin1').trim().toLowerCase());
}
