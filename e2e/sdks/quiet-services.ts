import path from 'node:path';
import { languages, type Command, type Language } from './languages.ts';

/** All that a program writes, on standard error too. */
function withStandardError(...command: Command): Command {
  return ['sh', '-c', 'exec "$0" "$@" 2>&1', ...command];
}

const [python, , java] = languages as [Language, Language, Language];

/** Services that are instrumented as their language's users do it, and know nothing of failtrace but an endpoint. */
export const quietServices: readonly Language[] = [
  {
    ...python,
    name: 'Python, by opentelemetry-instrument',
    folder: 'quiet-python',
    run: (source, target) =>
      withStandardError(
        path.join(target, 'bin/python'),
        // What `opentelemetry-instrument` is; that script itself names the folder in which it was installed.
        '-c',
        'from opentelemetry.instrumentation.auto_instrumentation import run; run()',
        path.join(target, 'bin/python'),
        path.join(source, 'quiet_service.py'),
      ),
  },
  {
    ...java,
    name: 'Java, by the agent',
    folder: 'quiet-java',
    prepare: (source, target) => [
      ...java.prepare(source, target),
      // The agent does not start in a Java that compiles.
      [
        'javac',
        '-cp',
        path.join(target, '*'),
        '-d',
        target,
        path.join(source, 'QuietService.java'),
      ],
    ],
    run: (_source, target) =>
      withStandardError(
        'java',
        // With it the JVM itself writes a line about agents.
        '-Xshare:off',
        `-javaagent:${path.join(target, 'opentelemetry-javaagent-2.33.0.jar')}`,
        '-cp',
        [target, path.join(target, '*')].join(path.delimiter),
        'QuietService',
      ),
  },
];
