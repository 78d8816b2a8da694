import { inspect } from 'node:util';

const indent = (text: string): string => text.replaceAll('\n', '\n  ');

/**
 * An error's stack with everything that it carries: its `cause`, the errors of an
 * `AggregateError`, and their causes in turn, nested as Node's inspector nests them.
 *
 * The SDK's `recordException` keeps `error.stack` alone, and that says nothing of causes. Unlike
 * the inspector this leaves out no frame that two stacks share, so that the text stays complete.
 * An error without causes gives exactly its `stack`. A cycle ends in `[Circular]`.
 */
export function formatCauseChain(error: Error): string {
  return formatValue(error, new Set());
}

function formatValue(value: unknown, above: ReadonlySet<unknown>): string {
  if (!(value instanceof Error)) return inspect(value);
  if (above.has(value)) return `[Circular] ${value.name}`;
  const path = new Set(above).add(value);
  const details = [...formatErrors(value, path), ...formatCause(value, path)];
  const stack = value.stack ?? `${value.name}: ${value.message}`;
  return details.length === 0 ? stack : `${stack} {\n  ${details.join(',\n  ')}\n}`;
}

function formatErrors(error: Error, path: ReadonlySet<unknown>): string[] {
  if (!(error instanceof AggregateError)) return [];
  const entries = error.errors.map((entry: unknown) => `  ${indent(formatValue(entry, path))}`);
  return [`[errors]: [\n  ${indent(entries.join(',\n'))}\n  ]`];
}

function formatCause(error: Error, path: ReadonlySet<unknown>): string[] {
  return error.cause === undefined ? [] : [`[cause]: ${indent(formatValue(error.cause, path))}`];
}
