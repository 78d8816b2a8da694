import { expect, it } from 'vitest';

it('can be imported where there is no document, for rendering on a server', async () => {
  const { FailureChip, defaultLabels } = await import('@failtrace/web-components');
  const { FailureChip: alone } = await import('@failtrace/web-components/failure-chip.js');
  expect(FailureChip).toBe(alone);
  expect(defaultLabels.viewTrace).toBe('View Trace');
});
