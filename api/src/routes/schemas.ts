import {
  FAILURE_SOURCES,
  type FailureSource,
  isRunId,
  type Problem,
  PROBLEM_CODES,
  type Run,
  RUN_ID_MAX_CHARACTERS,
  RUN_STATUSES,
  TRACE_REASONS,
} from '@failtrace/contract';
import { z } from '@hono/zod-openapi';
import { TEXT_TYPE } from '../deliver/text-response.ts';
import type { AttemptJson } from '../render/run-json.ts';

const nullableTime = z.iso.datetime().nullable();

const reason = z.enum(TRACE_REASONS).openapi({ description: 'Why there is no trace text.' });

/** A run id, wherever one is asked for. */
export const runIdSchema = z
  .string()
  .refine(
    isRunId,
    `must be 1 to ${RUN_ID_MAX_CHARACTERS} characters, none of them a control character`,
  )
  .openapi({ minLength: 1, maxLength: RUN_ID_MAX_CHARACTERS, example: 'run_4711' });

/** The longest namespace that is asked for; the receiver keeps none that is longer. */
export const maxNamespaceLength = 1024;

/** Which of the runs of one id is meant; left out, the caller expects that there is but one. */
export const namespaceQuery = z
  .string()
  .max(maxNamespaceLength)
  .optional()
  .openapi({ description: 'Exactly this namespace; present and empty: the empty one.' });

/** The path parameter of every route about one run. */
export const runIdParam = z.object({
  run_id: runIdSchema.openapi({
    param: { name: 'run_id', in: 'path' },
    description: 'Percent-encoded.',
  }),
});

/** How runs ended; the status of the latest attempt decides. */
export const runStatusSchema = z.enum(RUN_STATUSES);

/** One run, as the contract has it. */
export const runSchema = z
  .object({
    run_id: z.string(),
    status: runStatusSchema,
    namespace: z.string().openapi({ description: 'The tenant; empty when there is none.' }),
    service: z.string(),
    name: z.string().openapi({ description: 'The name of the span that the run is.' }),
    started_at: nullableTime,
    ended_at: nullableTime,
    attempts: z.int().min(0),
    error_type: z.string(),
    error_message: z
      .string()
      .openapi({ description: 'Whole, unless error_message_truncated; empty when none.' }),
    error_message_truncated: z.boolean().openapi({
      description: 'error_message is its beginning; /api/runs/{run_id}/message has the whole.',
    }),
    fingerprint: z.string().openapi({ description: 'The same for failures of the same kind.' }),
    incomplete: z
      .boolean()
      .openapi({ description: 'More is recorded of this run than was read for this answer.' }),
    failures_left_out: z.int().min(0).nullable().openapi({
      description: 'How many failures of its traces were not read; null where that is not known.',
    }),
    namespaces: z
      .array(z.string())
      .readonly()
      .optional()
      .openapi({ description: 'Only with the reason ambiguous_run: what namespace may pick.' }),
    trace: z.object({
      available: z.boolean(),
      reason: reason.nullable(),
      url: z.string().nullable().openapi({ description: 'Path and query, relative to this API.' }),
      bytes: z.int().min(0).nullable(),
      truncated: z.boolean(),
      upstream_truncated: z.boolean().openapi({
        description: 'The stack was probably cut before it came here.',
      }),
      masked: z.boolean(),
      expires_at: nullableTime,
    }),
  })
  .openapi('Run');

/** One run with all that is known of it. */
export const runDetailSchema = runSchema
  .extend({
    attempt_list: z.array(
      z.object({
        attempt: z.int().min(1),
        trace_id: z
          .string()
          .openapi({ description: '32 hex digits; of several, the one that ended last.' }),
        trace_ids: z
          .array(z.string())
          .openapi({ description: 'Of all its steps, in the order in which they started.' }),
        status: runStatusSchema,
        started_at: z.iso.datetime(),
        ended_at: z.iso.datetime(),
        failures_left_out: z
          .int()
          .min(0)
          .openapi({ description: 'How many more are recorded than were read for this answer.' }),
        failures: z.array(
          z.object({
            namespace: z.string(),
            service: z.string(),
            span_name: z.string(),
            span_id: z.string(),
            occurred_at: z.iso.datetime(),
            error_type: z.string(),
            error_message: z.string(),
            error_message_truncated: z.boolean(),
            handled: z
              .boolean()
              .openapi({ description: 'Something speaks for it: another failure, or a good end.' }),
            occurrences: z.int().min(1).openapi({
              description: 'How often it happened, in branches that know nothing of each other.',
            }),
            seen_on: z
              .array(z.object({ span_id: z.string(), service: z.string(), span_name: z.string() }))
              .openapi({ description: 'The spans that recorded it, as it passed; at most 100.' }),
            upstream_truncated: z.boolean().openapi({
              description: 'It was cut, or others beside it lost, before it came here.',
            }),
            source: z.enum(Object.keys(FAILURE_SOURCES) as FailureSource[]),
            bytes: z.int().min(0).openapi({ description: 'Of the stack text; 0 for none.' }),
            text_lost: z.boolean().openapi({
              description:
                'Its stack text or its long message was stored and is not there any more.',
            }),
            fingerprint: z.string(),
          }),
        ),
      }),
    ),
  })
  .openapi('RunDetail');

// What the routes promise must be the same as what the contract has and what is rendered, in both directions.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
true satisfies Same<z.infer<typeof runSchema>, Run>;
true satisfies Same<z.infer<typeof runDetailSchema>['attempt_list'], AttemptJson[]>;
true satisfies Same<z.infer<typeof problemSchema>, Problem>;

/** RFC 9457, with a stable code. */
const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(PROBLEM_CODES),
    instance: z.string(),
    reason: reason.optional(),
    namespaces: z.array(z.string()).readonly().optional(),
  })
  .openapi('Problem');

/** A text as the content of a response. Typed loosely: the handlers answer with a stream, not a string. */
export const plainText: Record<string, { schema: z.ZodString }> = {
  [TEXT_TYPE]: { schema: z.string() },
};

const descriptions: Record<number, string> = {
  400: 'The request is not understood (`invalid_request`).',
  401: 'No valid credential (`unauthenticated`).',
  403: 'The credential lacks the permission, or the request comes from a page of an origin that is not named (`forbidden`).',
  404: 'No such run (`run_not_found`), or no text (`trace_not_available`, with a `reason`).',
  409: 'Several namespaces have a run of this id (`ambiguous_run`); `namespaces` names them.',
  413: 'The request or its answer is too large (`payload_too_large`).',
  415: 'The body is not JSON (`unsupported_media_type`).',
  503: 'ClickHouse does not answer (`storage_unavailable`); see `Retry-After`.',
};

/** The error responses of a route, for its OpenAPI description. */
export function problems(...statuses: number[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: descriptions[status] ?? '',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
