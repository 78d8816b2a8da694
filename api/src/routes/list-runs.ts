import { createRoute, z } from '@hono/zod-openapi';
import { findPage } from '../find-runs.ts';
import type { Nanoseconds } from '../read/rows.ts';
import { runJson } from '../render/run-json.ts';
import { readMessageHeads } from '../render/shown-message.ts';
import { addRoute } from './add-route.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { findContext } from './env.ts';
import type { ApiApp, RouteDeps } from './env.ts';
import { namespaceQuery, problems, runSchema, runStatusSchema } from './schemas.ts';

const allStatuses = runStatusSchema.options;

const statuses = z
  .string()
  .default('failed')
  .transform((list) => (list === 'all' ? allStatuses : list.split(',')))
  .pipe(z.array(runStatusSchema))
  .openapi({
    type: 'string',
    default: 'failed',
    description: 'A comma-separated list of failed, ok, unknown; or all.',
  });

const exactName = z.string().max(1000).default('');

const moment = z.iso
  .datetime({ offset: true })
  .refine((text) => Number.isFinite(Date.parse(text)), 'must be an RFC 3339 time')
  .transform((text): Nanoseconds => BigInt(Date.parse(text)) * 1_000_000n)
  .optional();

const limit = z
  .string()
  .regex(/^\d{1,3}$/, 'must be a number from 1 to 500')
  .default('50')
  .transform(Number)
  .pipe(z.int().min(1).max(500))
  .openapi({ type: 'integer', minimum: 1, maximum: 500, default: 50 });

const cursor = z
  .string()
  .max(12_000)
  .transform((text, context) => {
    const position = decodeCursor(text);
    if (!position) context.addIssue('must be the next_cursor of an earlier answer');
    return position ?? z.NEVER;
  })
  .optional()
  .openapi({ type: 'string', description: 'The `next_cursor` of the page before.' });

const route = createRoute({
  method: 'get',
  path: '/api/runs',
  summary: 'Lists runs, newest end first',
  request: {
    query: z.object({
      status: statuses,
      service: exactName.openapi({ description: 'Exactly this service.' }),
      namespace: namespaceQuery,
      since: moment.openapi({
        type: 'string',
        format: 'date-time',
        description: 'Ended at or after.',
      }),
      until: moment.openapi({ type: 'string', format: 'date-time', description: 'Ended before.' }),
      q: z
        .string()
        .max(200)
        .default('')
        .openapi({
          description:
            'Words that all stand in the error type or in the first KiB of the message, in any case and ' +
            'order; or a whole run id. With it, runs stand where the failure does that they show.',
        }),
      limit,
      cursor,
    }),
  },
  responses: {
    200: {
      description: 'One page. A page may be shorter than `limit` and still have a `next_cursor`.',
      content: {
        'application/json': {
          schema: z.object({ runs: z.array(runSchema), next_cursor: z.string().nullable() }),
        },
      },
    },
    ...problems(400, 401, 403, 503),
  },
});

/** `GET /api/runs` */
export function listRuns(app: ApiApp, deps: RouteDeps): void {
  addRoute(app, 'runs:read', route, async (c) => {
    const caller = c.get('caller');
    const query = c.req.valid('query');
    const context = findContext(c, deps);
    const page = await findPage(
      {
        filters: {
          statuses: query.status,
          service: query.service,
          namespace: query.namespace,
          q: query.q,
        },
        since: query.since,
        until: query.until,
        after: query.cursor,
        limit: query.limit,
      },
      context,
    );
    const heads = await readMessageHeads(page.runs, context);
    const mayReadTraces = caller.permissions.has('traces:read');
    return c.json(
      {
        runs: page.runs.map((run) => runJson(run, heads, mayReadTraces)),
        next_cursor: page.next ? encodeCursor(page.next) : null,
      },
      200,
    );
  });
}
