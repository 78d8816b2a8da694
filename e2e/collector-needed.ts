import { beforeEach, inject } from 'vitest';

// For every test of `npm run test:collector`.
beforeEach(({ skip }) => {
  const missing = inject('collectorMissing');
  if (missing !== '') skip(missing);
});
