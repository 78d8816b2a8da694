/**
 * The worker thread, which dies of a body that holds one of these words: a thread that runs out of
 * memory, and one with a fault that nobody catches.
 */
import { parentPort } from 'node:worker_threads';
import type { ToThread } from '../src/worker/thread-messages.ts';

const deaths: Record<string, () => unknown> = {
  'run out of memory': () => {
    // Small pieces: where one large piece is missing, V8 ends the whole process.
    let kept: object = {};
    for (;;) kept = { kept };
  },
  'throw a fault': () => {
    throw new TypeError('a fault with a secret in it');
  },
};

parentPort?.on('message', (message: ToThread) => {
  if (message.type !== 'body') return;
  const text = Buffer.concat(message.body.chunks).toString();
  for (const [word, die] of Object.entries(deaths)) if (text.includes(word)) die();
});

await import('../src/worker/thread.ts');
