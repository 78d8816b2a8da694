import { PROBLEM_CODES } from '@failtrace/contract';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, it } from 'vitest';
import { AmbiguousRun, TraceNotAvailable } from './errors.ts';
import { problemResponse, problemStatus, toApiError } from './problem.ts';

describe('problems', () => {
  it('have a status for each code of the contract, and no other', () => {
    expect(Object.keys(problemStatus).toSorted()).toEqual(PROBLEM_CODES.toSorted());
  });

  it.each([
    [new AmbiguousRun(['bank', 'shop']), 409, { namespaces: ['bank', 'shop'] }],
    [new TraceNotAvailable('expired', 'Over.'), 404, { reason: 'expired', detail: 'Over.' }],
    [toApiError(new HTTPException(413)), 413, { code: 'payload_too_large' }],
    [toApiError(new HTTPException(418)), 500, { code: 'internal' }],
    [toApiError('secret'), 500, { code: 'internal' }],
  ])('%s', async (error, status, more) => {
    const response = problemResponse(error, '/api/runs/1');
    expect(response.status).toBe(status);
    const text = await response.text();
    expect(text).not.toContain('secret');
    expect(JSON.parse(text)).toMatchObject({
      type: 'about:blank',
      status,
      code: error.code,
      instance: '/api/runs/1',
      ...more,
    });
  });
});
