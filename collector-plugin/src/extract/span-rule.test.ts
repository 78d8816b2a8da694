import { describe, expect, it } from 'vitest';
import { spanFact } from '../decode/traces/span-facts.ts';
import { isRunSpan, spanMatters } from './span-rule.ts';

const { hasException, hasFailed, namesRun, isRoot, resourceNamesRun } = spanFact;

describe('the rule that says which span matters', () => {
  it.each([
    ['nothing', 0, false, false],
    ['an exception', hasException, true, false],
    ['a handled exception of the root', hasException | isRoot, true, true],
    ['an inner span that failed', hasFailed, false, false],
    ['a root', isRoot, false, false],
    ['a root that failed', hasFailed | isRoot, true, true],
    ['an inner span that names its run', namesRun, true, true],
    ['an inner span of a resource that names the run', resourceNamesRun, false, false],
    ['the root of such a resource', resourceNamesRun | isRoot, true, true],
    ['an inner span of it that failed', resourceNamesRun | hasFailed, false, false],
    ['an exception in it', resourceNamesRun | hasException, true, true],
  ])('knows %s', (_, facts, matters, isOfRun) => {
    expect([spanMatters(facts), isRunSpan(facts)]).toEqual([matters, isOfRun]);
  });

  it('never drops a span because more is known of it', () => {
    for (let facts = 0; facts < 32; facts += 1) {
      for (const more of Object.values(spanFact)) {
        expect(spanMatters(facts | more) || !spanMatters(facts)).toBe(true);
        expect(isRunSpan(facts | more) || !isRunSpan(facts)).toBe(true);
      }
    }
  });
});
