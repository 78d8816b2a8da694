import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { problemResponse, toApiError } from '../problem.ts';
import { crossSite } from './cross-site.ts';

const NAMED = 'https://ops.example.org';
const OWN = 'http://api.example.org:8080';

function appFor(namedOrigins: readonly string[]): Hono {
  const app = new Hono();
  app.use(crossSite(namedOrigins));
  app.all('*', (c) => c.text('read'));
  app.onError((error, c) => problemResponse(toApiError(error), c.req.path));
  return app;
}

const closed = appFor([]);
const open = appFor([NAMED]);

async function ask(app: Hono, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return (await app.request(`${OWN}/api/runs`, { method, headers })).status;
}

/** What a browser says of a request, as Fetch Metadata has it. */
const fetchMetadata = (site: string, mode: string, dest: string) => ({
  'Sec-Fetch-Site': site,
  'Sec-Fetch-Mode': mode,
  'Sec-Fetch-Dest': dest,
});

describe('crossSite', () => {
  it.each([
    ['no browser', {}, 'GET'],
    ['no browser that posts', {}, 'POST'],
    ['a page of ours', fetchMetadata('same-origin', 'cors', 'empty'), 'GET'],
    ['a page of ours that posts', { ...fetchMetadata('same-origin', 'cors', 'empty') }, 'POST'],
    [
      'a page of ours without a referrer',
      { ...fetchMetadata('same-origin', 'same-origin', 'empty'), Origin: 'null' },
      'POST',
    ],
    ['a page of ours over plain HTTP', { Origin: OWN }, 'POST'],
    ['a page of ours over TLS that ends before', { Origin: 'https://api.example.org:8080' }, 'GET'],
    ['an address that was typed', fetchMetadata('none', 'navigate', 'document'), 'GET'],
    ['a link elsewhere', fetchMetadata('cross-site', 'navigate', 'document'), 'GET'],
    ['a link next door', fetchMetadata('same-site', 'navigate', 'document'), 'GET'],
    ['a link elsewhere, looked at', fetchMetadata('cross-site', 'navigate', 'document'), 'HEAD'],
  ])('lets %s in', async (_, headers, method) => {
    expect(await ask(closed, headers, method)).toBe(200);
    expect(await ask(open, headers, method)).toBe(200);
  });

  it.each([
    ['a fetch', fetchMetadata('cross-site', 'cors', 'empty'), 'GET'],
    ['a fetch from next door', fetchMetadata('same-site', 'cors', 'empty'), 'GET'],
    ['a fetch without CORS', fetchMetadata('cross-site', 'no-cors', 'empty'), 'GET'],
    ['a picture', fetchMetadata('cross-site', 'no-cors', 'image'), 'GET'],
    ['a script', fetchMetadata('cross-site', 'no-cors', 'script'), 'GET'],
    ['a frame', fetchMetadata('cross-site', 'navigate', 'iframe'), 'GET'],
    ['an object', fetchMetadata('cross-site', 'navigate', 'object'), 'GET'],
    ['an embed', fetchMetadata('cross-site', 'navigate', 'embed'), 'GET'],
    ['a form', fetchMetadata('cross-site', 'navigate', 'document'), 'POST'],
    ['a site that is none', fetchMetadata('SAME-ORIGIN', 'cors', 'empty'), 'GET'],
    ['a beacon in text/plain', { Origin: 'https://evil.example' }, 'POST'],
    [
      'a preflight',
      { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' },
      'OPTIONS',
    ],
    ['an origin that only begins so', { Origin: `${NAMED}.evil.example` }, 'GET'],
    ['an origin of another port', { Origin: 'http://api.example.org' }, 'GET'],
    ['an opaque origin', { Origin: 'null' }, 'GET'],
    ['no origin at all', { Origin: '' }, 'GET'],
  ])('keeps %s out', async (_, headers, method) => {
    expect(await ask(closed, headers, method)).toBe(403);
    expect(await ask(open, headers, method)).toBe(403);
  });

  it('lets pages of a named origin read', async () => {
    const headers = { ...fetchMetadata('cross-site', 'cors', 'empty'), Origin: NAMED };
    const response = await open.request(`${OWN}/api/runs`, { headers });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': NAMED,
      'access-control-expose-headers':
        'Content-Disposition,Content-Length,ETag,Retry-After,X-Failtrace-Incomplete',
      vary: 'Origin',
    });
    expect(await ask(closed, headers)).toBe(403);
  });

  it('answers the preflights of a named origin, and does no more for them', async () => {
    const preflight = await open.request(`${OWN}/api/runs/lookup`, {
      method: 'OPTIONS',
      headers: { Origin: NAMED, 'Access-Control-Request-Method': 'POST' },
    });
    expect([preflight.status, await preflight.text()]).toEqual([204, '']);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-methods': 'GET,HEAD,POST',
      'access-control-allow-headers': 'Authorization,Content-Type,X-API-Key',
    });
  });

  it('tells caches that the answer depends on the origin', async () => {
    expect((await open.request(`${OWN}/api/runs`)).headers.get('Vary')).toBe('Origin');
  });
});
