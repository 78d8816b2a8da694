import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Hono, type Context } from 'hono';

export interface DashboardOptions {
  /** The chip as one file for browsers: the package's export `@failtrace/web-components/bundle.js`. */
  chipBundlePath: string | URL;
  /** Where services send OTLP/HTTP, as an empty dashboard says it. */
  otlpEndpoint: string;
}

interface Asset {
  body: Uint8Array<ArrayBuffer>;
  type: string;
  etag: string;
}

const types = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

/** Every file of the page. What is not named here is not served, whatever the path says. */
const pageFiles = {
  '/': ['index.html', 'html'],
  '/base.css': ['base.css', 'css'],
  '/dashboard.css': ['dashboard.css', 'css'],
  '/narrow.css': ['narrow.css', 'css'],
  '/table.css': ['table.css', 'css'],
  '/dashboard.js': ['dashboard.js', 'js'],
  '/announcer.js': ['announcer.js', 'js'],
  '/filters.js': ['filters.js', 'js'],
  '/poller.js': ['poller.js', 'js'],
  '/run-client.js': ['run-client.js', 'js'],
  '/run-list.js': ['run-list.js', 'js'],
  '/run-row.js': ['run-row.js', 'js'],
  '/run-table.js': ['run-table.js', 'js'],
  '/scroll-anchor.js': ['scroll-anchor.js', 'js'],
  '/summary.js': ['summary.js', 'js'],
  '/theme.js': ['theme.js', 'js'],
  '/time.js': ['time.js', 'js'],
  '/favicon.svg': ['favicon.svg', 'svg'],
} as const satisfies Record<string, readonly [string, keyof typeof types]>;

/**
 * Nothing but this origin's own files: no inline script or style, no frame, no form target. The
 * chip keeps to it as well, because Lit adopts its style sheets.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const securityHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * The demo dashboard: a page at `/`, its scripts and styles, and the chip at `/failure-chip.js`.
 * All files are read here, once; a missing one throws at the start. Answers no other path, so that
 * the API's own routes and errors stand beside it: `app.route('/', createDashboard(…))`.
 */
export function createDashboard({ chipBundlePath, otlpEndpoint }: DashboardOptions): Hono {
  const app = new Hono();
  for (const [path, [file, type]] of Object.entries(pageFiles)) {
    const source = readFileSync(new URL(`./page/${file}`, import.meta.url));
    const body = path === '/' ? fillIn(source, otlpEndpoint) : source;
    const asset = createAsset(body, types[type]);
    app.get(path, (context) => answer(context, asset));
  }
  const chip = createAsset(readFileSync(chipBundlePath), types.js);
  app.get('/failure-chip.js', (context) => answer(context, chip));
  return app;
}

function createAsset(body: Uint8Array, type: string): Asset {
  const digest = createHash('sha256').update(body).digest('base64url');
  return { body: new Uint8Array(body), type, etag: `"${digest.slice(0, 27)}"` };
}

/** `no-cache`: the browser keeps a copy and asks each time whether it still holds (RFC 9111). */
function answer(context: Context, { body, type, etag }: Asset): Response {
  const headers = { ...securityHeaders, ETag: etag, 'Cache-Control': 'no-cache' };
  const known = context.req.header('If-None-Match')?.split(',') ?? [];
  const isKnown = known.some((tag) => [etag, '*'].includes(tag.trim().replace(/^W\//, '')));
  if (isKnown) return context.body(null, 304, headers);
  return context.body(body, 200, { ...headers, 'Content-Type': type });
}

const htmlEscapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function fillIn(html: Uint8Array, otlpEndpoint: string): Uint8Array {
  const escaped = otlpEndpoint.replaceAll(/[&<>"]/g, (letter) => htmlEscapes[letter] ?? '');
  return Buffer.from(html.toString().replaceAll('{{otlp-endpoint}}', () => escaped));
}
