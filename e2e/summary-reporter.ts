import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Ends a test run by naming every skipped test and why, and by one line that counts:
 * `N passed, N failed, N skipped`. Stands last in `reporters`, so that it speaks last.
 *
 * The reason is the note given to `context.skip(note)`. A file, suite or hook that fails outside of
 * any test counts as one failure, so that nothing that went wrong is missing from the count.
 *
 * On a developer's machine a tool may be missing. Where `CI` is set a skipped test makes the run
 * fail: what nobody ran would look like what passed.
 */
export function summaryReporter(env: Readonly<Record<string, string | undefined>> = process.env) {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const tests = modules.flatMap((module) => [...module.children.allTests()]);
      const skipped = tests.filter((test) => test.result().state === 'skipped');
      const passed = tests.filter((test) => test.result().state === 'passed').length;
      const failed =
        tests.length - skipped.length - passed + unhandledErrors.length + outsideTests(modules);
      const lines = skipped.map((test) => `skipped: ${nameOf(test)}: ${reasonOf(test)}`);
      if (skipped.length > 0 && isCi(env)) {
        lines.push('CI is set, so that nothing may be skipped: this run has failed.');
        process.exitCode = 1;
      }
      lines.push(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
      process.stdout.write(['', ...lines, ''].join('\n'));
    },
  } satisfies Reporter;
}

function isCi({ CI = '' }: Readonly<Record<string, string | undefined>>): boolean {
  return CI !== '' && CI !== 'false';
}

function outsideTests(modules: readonly TestModule[]): number {
  return modules
    .flatMap((module) => [module, ...module.children.allSuites()])
    .reduce((sum, suite) => sum + suite.errors().length, 0);
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note !== undefined) return result.note;
  if (test.options.mode === 'todo') return 'it is not written yet';
  const suites = ancestors(test);
  if (suites.some((suite) => suite.errors().length > 0)) return 'what it needs failed before it';
  return 'no reason was given';
}

function ancestors(test: TestCase): TestCase['parent'][] {
  const found: TestCase['parent'][] = [];
  let { parent } = test;
  while (parent.type === 'suite') {
    found.push(parent);
    parent = parent.parent;
  }
  return [...found, parent];
}
