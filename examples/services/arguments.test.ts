import { describe, expect, it } from 'vitest';
import { helpText, readArguments } from './arguments.ts';
import { scenarioNames } from './scenarios.ts';

describe('readArguments', () => {
  it('takes every scenario, over and over, by default', () => {
    expect(readArguments([])).toEqual({ help: false, once: false, scenarios: scenarioNames });
  });

  it('takes scenarios in the order given, by comma or by repetition', () => {
    const args = ['--once', '--scenario', 'retry, success', '--scenario=cause-chain'];
    expect(readArguments(args)).toEqual({
      help: false,
      once: true,
      scenarios: ['retry', 'success', 'cause-chain'],
    });
  });

  it.each([
    [['--scenario', 'nope'], /"nope" is none of: one-exception, /],
    [['--scenario', 'retry,'], /"" is none of: /],
    [['--twice'], /--twice.*Try --help/s],
    [['stray'], /stray.*Try --help/s],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(
      expect.objectContaining({
        code: 'invalid_argument',
        message: expect.stringMatching(message),
      }),
    );
  });
});

describe('helpText', () => {
  it('names every scenario', () => {
    for (const name of scenarioNames) expect(helpText).toContain(`  ${name} `);
  });
});
