import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createDashboard } from './dashboard.ts';

const folder = mkdtempSync(join(tmpdir(), 'failtrace-dashboard-'));
const chipBundlePath = join(folder, 'chip.js');
writeFileSync(
  chipBundlePath,
  'customElements.define("failure-chip", class extends HTMLElement {});',
);
const otlpEndpoint = 'http://127.0.0.1:4318';
const app = createDashboard({ chipBundlePath, otlpEndpoint });

afterAll(() => rmSync(folder, { recursive: true }));

const pageFolder = new URL('./page/', import.meta.url);
const scripts = readdirSync(pageFolder).filter((name) => name.endsWith('.js'));

const styles = readdirSync(pageFolder).filter((name) => name.endsWith('.css'));

const typesByPath: Record<string, string> = {
  '/': 'text/html; charset=utf-8',
  '/failure-chip.js': 'text/javascript; charset=utf-8',
  '/favicon.svg': 'image/svg+xml',
  ...Object.fromEntries(styles.map((name) => [`/${name}`, 'text/css; charset=utf-8'])),
  ...Object.fromEntries(scripts.map((name) => [`/${name}`, 'text/javascript; charset=utf-8'])),
};

describe.each(Object.entries(typesByPath))('GET %s', (path, type) => {
  it('is served with its type and the security headers', async () => {
    const response = await app.request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect((await response.text()).length).toBeGreaterThan(50);
  });

  it('allows no inline script or style and no other origin', async () => {
    const { headers } = await app.request(path);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it('is not sent again to a browser that has it', async () => {
    const etag = (await app.request(path)).headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    const ask = async (known: string) => app.request(path, { headers: { 'if-none-match': known } });
    const held = [etag, `W/${etag}`, `"other", ${etag}`, '*'];
    const answers = await Promise.all(held.map(ask));
    expect(answers.map(({ status }) => status)).toEqual(held.map(() => 304));
    expect(answers.map(({ headers }) => headers.get('etag'))).toEqual(held.map(() => etag));
    expect(answers.map(({ body }) => body)).toEqual(held.map(() => null));
    expect((await ask('"other"')).status).toBe(200);
  });

  it('answers HEAD without a body', async () => {
    const response = await app.request(path, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('content-type')).toBe(type);
  });
});

describe('who may load what', () => {
  it.each(['/', '/dashboard.js', '/base.css'])('keeps %s to its own origin', async (path) => {
    const { headers } = await app.request(path);
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('gives the chip to everybody, also when it has not changed', async () => {
    const first = await app.request('/failure-chip.js');
    const again = await app.request('/failure-chip.js', {
      headers: { 'if-none-match': first.headers.get('etag') ?? '' },
    });
    expect([first.status, again.status]).toEqual([200, 304]);
    for (const { headers } of [first, again]) {
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      expect(headers.get('access-control-allow-origin')).toBe('*');
    }
  });
});

/** Those of the paths that are not served. */
async function missing(paths: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(paths.map(async (path) => app.request(path)));
  return paths.filter((_path, index) => answers[index]?.status !== 200);
}

describe('the page', () => {
  it('names the OTLP endpoint, escaped', async () => {
    const odd = createDashboard({ chipBundlePath, otlpEndpoint: 'http://h/"><script>$&' });
    const html = await (await odd.request('/')).text();
    expect(html).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://h/&quot;&gt;&lt;script&gt;$&amp;<');
    expect(html).not.toContain('{{');
  });

  it('refers to nothing but what is served', async () => {
    const html = await (await app.request('/')).text();
    const references = [...html.matchAll(/\b(?:src|href)="(?!#)([^"]+)"/g)].map(
      ([, url]) => url ?? '',
    );
    const own = references.filter((url) => url !== '/openapi.json');
    expect(own.length).toBeGreaterThan(4);
    expect(await missing(own)).toEqual([]);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script>/);
  });

  it('imports nothing but what is served', async () => {
    const sources = scripts.map((name) => readFileSync(new URL(name, pageFolder), 'utf8'));
    const imports = sources.flatMap((source) =>
      Array.from(source.matchAll(/^import .* from '\.(\/[^']+)';$/gm), ([, file = '']) => file),
    );
    expect(imports.length).toBeGreaterThan(8);
    expect(await missing(imports)).toEqual([]);
  });
});

describe('everything else', () => {
  it.each([
    '/nothing',
    '/index.html',
    '/run-list.test.ts',
    '/dashboard.ts',
    '/page/dashboard.js',
    '/../dashboard.ts',
    '/..%2fdashboard.ts',
    '/%2e%2e/dashboard.ts',
    '/..\\dashboard.ts',
    '//etc/passwd',
    '/failure-chip.js/../../dashboard.ts',
    '/__proto__',
    '/constructor',
  ])('does not serve %s', async (path) => {
    expect((await app.request(path)).status).toBe(404);
  });

  it('takes nothing', async () => {
    expect((await app.request('/', { method: 'POST' })).status).toBe(404);
  });

  it('does not start without the chip', () => {
    const nowhere = join(folder, 'missing.js');
    expect(() => createDashboard({ chipBundlePath: nowhere, otlpEndpoint })).toThrow(/missing\.js/);
  });
});
