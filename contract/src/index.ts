export { droppedAt, failureExpiry, SECONDS_PER_DAY, stackTextExpiry } from './expiry.ts';
export { PROBLEM_CODES, type Problem, type ProblemCode } from './problem.ts';
export { isRunId, RUN_ID_MAX_CHARACTERS } from './run-id.ts';
export {
  FAILURE_SOURCES,
  type FailureSource,
  type Run,
  type RunStatus,
  RUN_STATUSES,
  type RunTrace,
  SPAN_STATUSES,
  TRACE_REASONS,
  type TraceReason,
} from './run.ts';
export {
  chipTraceFilename,
  isSafeFilename,
  SAFE_FILENAME_RULE,
  traceFilename,
  type RunName,
} from './trace-filename.ts';
