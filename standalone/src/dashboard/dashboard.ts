import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { Hono } from 'hono';
import { etag, RETAINED_304_HEADERS } from 'hono/etag';
import { secureHeaders } from 'hono/secure-headers';

export interface DashboardOptions {
  /** The chip as one file for browsers: the package's export `@failtrace/web-components/bundle.js`. */
  chipBundlePath: string | URL;
  /** Where services send OTLP/HTTP, as an empty dashboard says it. */
  otlpEndpoint: string;
}

const pageFolder = new URL('./page/', import.meta.url);

/** The page's files, by their endings. What has another one, such as a test, is not served. */
const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Nothing but this origin's own files: no inline script or style, no frame, no form target. The
 * chip keeps to it as well, because Lit adopts its style sheets.
 */
const headersOfThePage = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  overwrite: false,
  // Whoever ends TLS in front of this says whether only TLS is spoken here.
  strictTransportSecurity: false,
});

/**
 * The chip is public, and pages of other origins load it by `<script type="module">`, which is a
 * request with CORS; `cross-origin` is for those that load it by a plain `<script>`.
 */
const headersOfTheChip = {
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

/** A 304 to a page of another origin must say again that the page may have what it has. */
const unchanged = etag({
  retainedHeaders: [
    ...RETAINED_304_HEADERS,
    ...Object.keys(headersOfTheChip).map((name) => name.toLowerCase()),
  ],
});

/**
 * The demo dashboard: a page at `/`, its scripts and styles, and the chip at `/failure-chip.js`.
 * Answers no other path, so that the API's own routes and errors stand beside it:
 * `app.route('/', createDashboard(…))`.
 *
 * All files are read here, once, and a missing one throws at the start. `serveStatic` of Hono would
 * look for them at each request, and serve the tests that stand beside them.
 */
export function createDashboard({ chipBundlePath, otlpEndpoint }: DashboardOptions): Hono {
  const app = new Hono();
  const serve = (path: string, body: Uint8Array, headers: Record<string, string>) => {
    const content = new Uint8Array(body);
    // `no-cache`: the browser keeps a copy and asks each time whether it still holds (RFC 9111).
    const all = { 'Cache-Control': 'no-cache', ...headers };
    app.get(path, headersOfThePage, unchanged, (c) => c.body(content, 200, all));
  };
  for (const file of readdirSync(pageFolder)) {
    const type = types[extname(file)];
    if (type === undefined) continue;
    const source = readFileSync(new URL(file, pageFolder));
    const isPage = file === 'index.html';
    const body = isPage ? fillIn(source, otlpEndpoint) : source;
    serve(isPage ? '/' : `/${file}`, body, { 'Content-Type': type });
  }
  serve('/failure-chip.js', readFileSync(chipBundlePath), {
    'Content-Type': types['.js'] ?? '',
    ...headersOfTheChip,
  });
  return app;
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
