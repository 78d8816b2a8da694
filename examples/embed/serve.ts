import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

// The files of this example and the bundle of the chip, and nothing else, on a loopback port.
const port = Number(process.argv[2] ?? 9000);
const here = import.meta.url;
const bundle = new URL('../../web-components/dist/failure-chip.bundle.js', here);
const files: Record<string, readonly [file: URL, type: string]> = {
  '/': [new URL('plain.html', here), 'text/html; charset=utf-8'],
  '/plain.js': [new URL('plain.js', here), 'text/javascript; charset=utf-8'],
  '/failure-chip.bundle.js': [bundle, 'text/javascript; charset=utf-8'],
};

const server = createServer((request, response) => {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const [file, type] = files[path] ?? [];
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  readFile(file).then(
    (body) => response.writeHead(200, { 'Content-Type': type }).end(body),
    (error: unknown) => {
      console.error(`cannot read ${fileURLToPath(file)}:`, error);
      response.writeHead(500).end('Not built yet: see the comment in plain.html.');
    },
  );
});
server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`));
