import { createRoute, z } from '@hono/zod-openapi';
import type { Run } from '@failtrace/contract';
import { bodyLimit } from 'hono/body-limit';
import { PayloadTooLarge } from '../errors.ts';
import { findRuns, namespacesOf } from '../find-runs.ts';
import {
  ambiguousRunJson,
  runJson,
  unknownRunJson,
  withShorterMessage,
} from '../render/run-json.ts';
import { readMessageHeads } from '../render/shown-message.ts';
import { addRoute } from './add-route.ts';
import { findContext } from './env.ts';
import type { ApiApp, RouteDeps } from './env.ts';
import { namespaceQuery, problems, runIdSchema, runSchema } from './schemas.ts';

const maxBodyBytes = 262_144;

const route = createRoute({
  method: 'post',
  path: '/api/runs/lookup',
  summary: 'Many runs at once',
  middleware: bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => {
      throw new PayloadTooLarge(`The body is larger than ${maxBodyBytes} bytes.`);
    },
  }),
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.object({
            run_ids: z.array(runIdSchema).min(1).max(500),
            namespace: namespaceQuery,
          }),
        },
      },
    },
  },
  responses: {
    200: {
      description:
        'One run for each id, in the order asked. An id that is unknown, or that the caller may ' +
        'not read, has the status `unknown`; so has one that several namespaces have, with the ' +
        'reason `ambiguous_run`.',
      content: { 'application/json': { schema: z.object({ runs: z.array(runSchema) }) } },
    },
    ...problems(400, 401, 403, 413, 415, 503),
  },
});

/** `POST /api/runs/lookup` */
export function lookupRuns(app: ApiApp, deps: RouteDeps): void {
  addRoute(app, 'runs:read', route, async (c) => {
    const caller = c.get('caller');
    const { run_ids: runIds, namespace } = c.req.valid('json');
    const context = findContext(c, deps);
    const found = await findRuns({ runIds: [...new Set(runIds)], namespace }, 'summary', context);
    const single = [...found.values()].filter((runs) => runs.length === 1).flat();
    const heads = await readMessageHeads(single, context);
    const mayReadTraces = caller.permissions.has('traces:read');
    const records = runIds.map((runId) => {
      const runs = found.get(runId) ?? [];
      const [run] = runs;
      if (!run) return unknownRunJson(runId);
      if (runs.length > 1) return ambiguousRunJson(runId, namespacesOf(runs));
      return runJson(run, heads, mayReadTraces);
    });
    return c.json({ runs: withinAnswer(records) }, 200);
  });
}

/** An answer has no more characters of messages than these, counted once for each time they stand in it. */
const answerCharacters = 16_000_000;

/** Where they are more, each message is cut to so many. */
const shortMessage = 1_000;

function withinAnswer(records: Run[]): Run[] {
  const characters = records.reduce((sum, run) => sum + run.error_message.length, 0);
  if (characters <= answerCharacters) return records;
  return records.map((run) => withShorterMessage(run, shortMessage));
}
