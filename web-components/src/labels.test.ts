import { describe, expect, it } from 'vitest';
import { defaultLabels, mergeLabels } from './labels.ts';

describe('mergeLabels', () => {
  it('keeps what is not overridden, also inside the tables', () => {
    const labels = mergeLabels({ copy: 'Kopieren', sentences: { expired: 'Abgelaufen.' } });
    expect(labels).toEqual({
      ...defaultLabels,
      copy: 'Kopieren',
      sentences: { ...defaultLabels.sentences, expired: 'Abgelaufen.' },
    });
  });

  it.each([null, undefined, {}])('changes nothing for %j', (overrides) => {
    expect(mergeLabels(overrides)).toEqual(defaultLabels);
  });

  it('has one sentence of its own for each state', () => {
    const { sentences, notes } = defaultLabels;
    const all = Object.values(sentences);
    expect(new Set(all).size).toBe(all.length);
    expect(Object.keys(notes).toSorted()).toEqual(Object.keys(sentences).toSorted());
    for (const sentence of Object.values(sentences)) expect(sentence).toMatch(/^[A-Z].+\.$/);
  });
});
