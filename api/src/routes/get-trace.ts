import {
  isSafeFilename,
  SAFE_FILENAME_RULE,
  traceFilename,
  type TraceReason,
} from '@failtrace/contract';
import { createRoute, z } from '@hono/zod-openapi';
import { attachment } from '../deliver/attachment.ts';
import { textResponse } from '../deliver/text-response.ts';
import { TraceNotAvailable } from '../errors.ts';
import { findRun } from '../find-runs.ts';
import { findLostTexts } from '../render/lost-texts.ts';
import { streamTrace } from '../render/trace-stream.ts';
import { layOutTrace } from '../render/trace-text.ts';
import { addRoute, describeHead } from './add-route.ts';
import { findContext } from './env.ts';
import type { ApiApp, RouteDeps } from './env.ts';
import { namespaceQuery, plainText, problems, runIdParam } from './schemas.ts';

const route = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}/trace',
  summary: 'Downloads the trace text',
  description:
    'One failure: its stack text, byte for byte as the runtime recorded it. Several: each under ' +
    'a line that begins with `===== failure `. HEAD answers the same headers.',
  request: {
    params: runIdParam,
    query: z.object({
      namespace: namespaceQuery,
      filename: z
        .string()
        .refine(isSafeFilename, SAFE_FILENAME_RULE)
        .optional()
        .openapi({ description: 'The name to save as; by default `{run_id}_trace.txt`.' }),
      attempt: z
        .union(
          [
            z.literal('all'),
            z
              .string()
              .regex(/^[1-9]\d{0,5}$/)
              .transform(Number),
          ],
          {
            error: 'must be all or a number from 1 on',
          },
        )
        .optional()
        .openapi({
          type: 'string',
          description: 'A number from 1 on, or all; by default the latest.',
        }),
      include: z
        .literal('all')
        .optional()
        .openapi({ description: 'Also exceptions that were handled.' }),
    }),
  },
  responses: {
    200: {
      description:
        'The text, as an attachment. A connection that breaks means: not the whole text.',
      content: plainText,
    },
    ...problems(400, 401, 403, 404, 409, 503),
  },
});

const sentences: Record<TraceReason, string> = {
  not_recorded: 'No exception was recorded for this attempt of the run.',
  pending: 'The run has only just failed. Its failure may arrive within seconds.',
  expired: 'The retention of this failure is over.',
  forbidden: 'You may not read the trace of this run.',
  storage_error: 'The trace cannot be read right now.',
  ambiguous_run: 'Several namespaces have a run of this id, and none was picked.',
};

function attemptsThereAre(count: number): string {
  return count === 1 ? 'This run has one attempt.' : `This run has ${count} attempts.`;
}

/** `GET` and `HEAD /api/runs/{run_id}/trace` */
export function getTrace(app: ApiApp, deps: RouteDeps): void {
  addRoute(app, 'traces:read', route, async (c) => {
    const { run_id: runId } = c.req.valid('param');
    const { namespace, filename, attempt, include } = c.req.valid('query');

    const wantsText = c.req.method !== 'HEAD';
    const context = findContext(c, deps);
    const { scope } = context;
    const [{ run, sharesItsId }, firstChunks] = await Promise.all([
      findRun(runId, namespace, context),
      wantsText
        ? deps.reader.firstChunks({ runIds: [runId], namespace }, scope, c.req.raw.signal)
        : new Map<string, Uint8Array>(),
    ]);
    // Not `pending`: no waiting brings an attempt that nobody made.
    if (typeof attempt === 'number' && attempt > run.attempts.length) {
      throw new TraceNotAvailable('not_recorded', attemptsThereAre(run.attempts.length));
    }
    const selection = { attempt, includeHandled: include === 'all' };
    const { failures } = layOutTrace(run, selection);
    const lost = await findLostTexts(failures, firstChunks, { ...context, reader: deps.reader });
    const text = layOutTrace(run, selection, lost);
    if (text.parts.length === 0) {
      throw new TraceNotAvailable(run.reasonForNoText, sentences[run.reasonForNoText]);
    }

    return textResponse(
      c.req.raw,
      {
        bytes: text.bytes,
        open: (signal) =>
          streamTrace(text.parts, { reader: deps.reader, scope, signal }, firstChunks),
        headers: {
          'Content-Disposition': attachment(
            filename ?? traceFilename({ runId, namespace: sharesItsId ? run.namespace : '' }),
          ),
          ...(text.leftOut !== 0 && { 'X-Failtrace-Incomplete': 'true' }),
          ...(lost.size > 0 && { 'X-Failtrace-Texts-Lost': String(lost.size) }),
          ...(text.leftOut && { 'X-Failtrace-Failures-Left-Out': String(text.leftOut) }),
        },
      },
      { ...deps, route: route.path },
    );
  });
  describeHead(app, 'traces:read', route, 'The headers of the trace text');
}
