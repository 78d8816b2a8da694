import { isRunId } from '@failtrace/contract';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

const moment = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const namespace = fc.string({ maxLength: 300 });
const runId = fc.string({ unit: 'binary', minLength: 1, maxLength: 256 }).filter(isRunId);

describe('a cursor', () => {
  it('leads back to its place, without any character that a URL would escape', () => {
    fc.assert(
      fc.property(moment, runId, namespace, (endedAt, id, tenant) => {
        const place = { endedAt, runId: id, namespace: tenant };
        const cursor = encodeCursor(place);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(cursor)).toEqual(place);
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['no base64url', 'a+b/c='],
    ['no JSON', Buffer.from('x').toString('base64url')],
    ['no place', Buffer.from('{"a":1}').toString('base64url')],
    ['a number', Buffer.from('[1,"run",""]').toString('base64url')],
    ['a negative time', Buffer.from('["-1","run",""]').toString('base64url')],
    ['a time out of range', Buffer.from('["9999999999999999999","run",""]').toString('base64url')],
    ['a run id with a control character', Buffer.from('["1","a\\u0000",""]').toString('base64url')],
    ['too little', Buffer.from('["1","run"]').toString('base64url')],
    ['too much', Buffer.from('["1","run","",1]').toString('base64url')],
  ])('is refused when it is %s', (_, forged) => {
    expect(decodeCursor(forged)).toBeUndefined();
  });

  it('is refused, never thrown over, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decodeCursor(Buffer.from(text).toString('base64url'))).toBeUndefined();
      }),
    );
  });
});
