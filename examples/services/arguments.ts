import { parseArgs } from 'node:util';
import { DemoError } from './demo-error.ts';
import { scenarioNames, scenarios, type ScenarioName } from './scenarios.ts';

export interface DemoArguments {
  help: boolean;
  once: boolean;
  scenarios: readonly ScenarioName[];
}

/**
 * Reads the command line.
 * @throws {DemoError} `invalid_argument`, naming what is allowed.
 */
export function readArguments(argv: readonly string[]): DemoArguments {
  const { values } = parseStrictly(argv);
  return {
    help: values.help ?? false,
    once: values.once ?? false,
    scenarios: values.scenario === undefined ? scenarioNames : readScenarios(values.scenario),
  };
}

function parseStrictly(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', short: 'h' },
        once: { type: 'boolean' },
        scenario: { type: 'string', multiple: true },
      },
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DemoError('invalid_argument', `${reason} Try --help.`, { cause });
  }
}

function readScenarios(values: readonly string[]): ScenarioName[] {
  return values
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .map((value) => {
      const name = scenarioNames.find((known) => known === value);
      if (name !== undefined) return name;
      const allowed = scenarioNames.join(', ');
      throw new DemoError('invalid_argument', `--scenario "${value}" is none of: ${allowed}.`);
    });
}

const nameWidth = Math.max(...scenarioNames.map((name) => name.length));

/** What `--help` prints. */
export const helpText = `Runs two small services that fail in several ways and report it by OpenTelemetry.

Usage: npm run demo -- [--once] [--scenario NAME[,NAME]]

  --once       run every scenario once, send everything, and end
  --scenario   only these scenarios
  --help       this text

Scenarios:
${scenarioNames.map((name) => `  ${name.padEnd(nameWidth)}  ${scenarios[name].summary}`).join('\n')}

Environment:
  OTEL_EXPORTER_OTLP_ENDPOINT  where spans go (http://127.0.0.1:4318)
  OTEL_EXPORTER_OTLP_PROTOCOL  http/json (default) or http/protobuf
  FAILTRACE_DEMO_LOG           the services' own log of exceptions (.failtrace/demo.log)
`;
