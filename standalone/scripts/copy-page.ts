/** The dashboard's page is served as it stands; the compiler leaves it where it is. */
import { cpSync } from 'node:fs';

cpSync(
  new URL('../src/dashboard/page', import.meta.url),
  new URL('../dist/dashboard/page', import.meta.url),
  { recursive: true },
);
