import { resolveCollector } from './resolve-collector.ts';

/**
 * Vitest's global setup: one Collector is found or built before any test file asks for it, so that
 * files running side by side never build two, and no test's time limit counts the build.
 */
export default async function setup(): Promise<void> {
  const { path, version, origin } = await resolveCollector();
  process.stderr.write(`collector: otelcol-contrib ${version} (${origin}) at ${path}\n`);
}
