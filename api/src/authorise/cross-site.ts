import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { Forbidden } from '../errors.ts';

/**
 * Refuses what a page of another origin makes a browser ask for, unless the origin is named, and says
 * to the browser what a page of a named origin may read (CORS).
 *
 * Browsers tell where a request comes from by `Sec-Fetch-Site` (W3C Fetch Metadata), and by `Origin`
 * where that is missing, as over plain HTTP. Whoever is no browser sends neither. Following a link to
 * here shows nothing to the page that has it, so that remains; being framed or embedded does not.
 *
 * `hono/csrf` looks at forms that change something. Here it is reading that has to be refused.
 *
 * @param namedOrigins exactly as browsers send them
 */
export function crossSite(namedOrigins: readonly string[]): MiddlewareHandler {
  const share = cors({
    origin: [...namedOrigins],
    allowMethods: ['GET', 'HEAD', 'POST'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-API-Key'],
    exposeHeaders: [
      'Content-Disposition',
      'Content-Length',
      'ETag',
      'Retry-After',
      'X-Failtrace-Incomplete',
    ],
    maxAge: 600,
  });
  return async (c, next) => {
    if (namedOrigins.includes(c.req.header('Origin') ?? '')) return share(c, next);
    if (!comesFromHere(c.req.raw)) {
      throw new Forbidden(
        'A page of another origin may call this API only when FAILTRACE_CORS_ORIGINS names it.',
      );
    }
    await next();
    if (namedOrigins.length > 0) c.res.headers.append('Vary', 'Origin');
  };
}

function comesFromHere({ headers, method, url }: Request): boolean {
  const site = headers.get('Sec-Fetch-Site');
  if (site !== null) {
    // `none`: typed, or opened from a bookmark.
    return site === 'same-origin' || site === 'none' || isFollowedLink(method, headers);
  }
  const origin = headers.get('Origin');
  // The host alone: behind a proxy that ends TLS, the scheme of the request is not the page's.
  return origin === null || URL.parse(origin)?.host === new URL(url).host;
}

function isFollowedLink(method: string, headers: Headers): boolean {
  return (
    ['GET', 'HEAD'].includes(method) &&
    headers.get('Sec-Fetch-Mode') === 'navigate' &&
    headers.get('Sec-Fetch-Dest') === 'document'
  );
}
