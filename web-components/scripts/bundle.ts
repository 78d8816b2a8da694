import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// One self-contained ES module, Lit included, for a plain <script type="module" src="…">.
await build({
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  entryPoints: ['src/index.ts'],
  outfile: 'dist/failure-chip.bundle.js',
  bundle: true,
  // The contract's sources: this runs before anything is built, too.
  conditions: ['failtrace-source'],
  format: 'esm',
  minify: true,
  sourcemap: true,
  target: 'es2022',
  legalComments: 'inline',
});
