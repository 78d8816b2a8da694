import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canBeAsked, lookupUrl, parseApi, runUrl, traceHref } from './api-url.ts';

const page = 'https://dashboard.example/runs?page=2';
const api = new URL('https://failtrace.example');

describe('parseApi', () => {
  it.each([
    ['https://failtrace.example', 'https://failtrace.example/'],
    ['HTTPS://Failtrace.Example:8443/', 'https://failtrace.example:8443/'],
    [' http://127.0.0.1:8080 ', 'http://127.0.0.1:8080/'],
    ['https://gateway.example/failtrace/', 'https://gateway.example/failtrace/'],
    ['/failtrace', 'https://dashboard.example/failtrace'],
    ['', 'https://dashboard.example/'],
    [null, 'https://dashboard.example/'],
    [undefined, 'https://dashboard.example/'],
  ])('reads %j as %j', (value, url) => {
    expect(parseApi(value, page)?.href).toBe(url);
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'https:javascript:alert(1)',
    'data:text/html,x',
    'blob:https://failtrace.example/1',
    'file:///etc/passwd',
    'ftp://failtrace.example',
    'failtrace.example',
    '//failtrace.example',
    '/\\failtrace.example',
    'https://user:secret@failtrace.example',
    'https://failtrace.example/?a=1',
    'https://failtrace.example/#a',
    'https://',
    'http://[',
  ])('refuses %j', (value) => {
    expect(parseApi(value, page)).toBeNull();
  });

  it('has no origin to fall back to on a page from a file', () => {
    expect(parseApi('', 'file:///home/me/plain.html')).toBeNull();
    expect(parseApi('', '')).toBeNull();
  });
});

describe('canBeAsked', () => {
  it.each(['1', 'run/1', 'Übung 😀', '...'])('takes %j', (id) => {
    expect(canBeAsked(id)).toBe(true);
  });

  it.each(['', '.', '..', 'a\nb', 'x'.repeat(257), 'a\ud800'])('refuses %j', (id) => {
    expect(canBeAsked(id)).toBe(false);
  });
});

describe('the routes', () => {
  it('stand under the path of the API', () => {
    const run = { runId: 'a', namespace: null };
    const behindProxy = new URL('https://gateway.example/failtrace/');
    expect(runUrl(api, run).href).toBe('https://failtrace.example/api/runs/a');
    expect(runUrl(behindProxy, run).href).toBe('https://gateway.example/failtrace/api/runs/a');
    expect(lookupUrl(behindProxy).href).toBe('https://gateway.example/failtrace/api/runs/lookup');
  });

  it('carry every run whole', () => {
    const anyId = fc.string({ unit: 'grapheme', minLength: 1 }).filter(canBeAsked);
    fc.assert(
      fc.property(anyId, fc.option(fc.string({ unit: 'grapheme' })), (runId, namespace) => {
        const url = runUrl(api, { runId, namespace });
        expect(url.origin).toBe(api.origin);
        expect(decodeURIComponent(url.pathname.slice('/api/runs/'.length))).toBe(runId);
        expect(url.searchParams.get('namespace')).toBe(namespace);
      }),
    );
  });

  it('tell the empty namespace from none', () => {
    const search = (namespace: string | null) => runUrl(api, { runId: 'a', namespace }).search;
    expect([search(null), search(''), search('a&b=c')]).toEqual([
      '',
      '?namespace=',
      '?namespace=a%26b%3Dc',
    ]);
  });
});

describe('traceHref', () => {
  it('adds the filename to the URL of the run', () => {
    expect(traceHref(api, '/api/runs/run%2F1/trace', 'run_1_trace.txt')).toBe(
      'https://failtrace.example/api/runs/run%2F1/trace?filename=run_1_trace.txt',
    );
    expect(traceHref(api, '/api/runs/1/trace?attempt=all', 'run_1_trace.txt')).toBe(
      'https://failtrace.example/api/runs/1/trace?attempt=all&filename=run_1_trace.txt',
    );
  });

  it.each([
    'javascript:alert(1)',
    'https://evil.example/trace',
    '//evil.example/trace',
    '/\\evil.example/trace',
    'trace',
    '',
  ])('does not lead to %j', (url) => {
    expect(traceHref(api, url, 'x')).toBeNull();
  });

  it('stays on the API for every answer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (url) => {
        const href = traceHref(api, url, 'x') ?? traceHref(api, `/${url}`, 'x');
        expect(href === null || new URL(href).origin === api.origin).toBe(true);
      }),
    );
  });
});
