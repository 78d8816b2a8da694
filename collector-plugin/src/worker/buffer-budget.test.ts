import { describe, expect, it } from 'vitest';
import { budgetOf, createSharedBudget, forgetWorker, MAX_BUDGET_BYTES } from './buffer-budget.ts';

describe('the budget that all threads share', () => {
  it('is taken by whichever comes first, up to its last byte', () => {
    const shared = createSharedBudget(100, 2);
    const transport = budgetOf(shared, 'transport');
    const workers = [budgetOf(shared, 0), budgetOf(shared, 1)] as const;
    expect([transport.hold(40), workers[0].hold(30), workers[1].hold(31)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(workers[1].freeBytes()).toBe(30);
    expect(workers[1].hold(30)).toBe(true);
    expect(transport.hold(1)).toBe(false);
    workers[0].release(30);
    expect(transport.freeBytes()).toBe(30);
  });

  it('gets back what a worker held that has ended, and nothing of the others', () => {
    const shared = createSharedBudget(100, 2);
    for (const worker of [0, 1]) budgetOf(shared, worker).hold(30);
    forgetWorker(shared, 1);
    forgetWorker(shared, 1);
    expect(budgetOf(shared, 'transport').freeBytes()).toBe(70);
  });

  it('may be as large as it may be', () => {
    const budget = budgetOf(createSharedBudget(MAX_BUDGET_BYTES), 'transport');
    expect(budget.hold(MAX_BUDGET_BYTES)).toBe(true);
    expect(budget.hold(1)).toBe(false);
    budget.release(MAX_BUDGET_BYTES);
    expect(budget.freeBytes()).toBe(MAX_BUDGET_BYTES);
  });
});
