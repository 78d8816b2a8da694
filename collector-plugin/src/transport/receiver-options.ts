import type { Logger } from '@failtrace/contract/server';
import type { ReceiveError } from '../errors.ts';
import type { BufferBudget } from '../worker/buffer-budget.ts';
import type { OtlpAuth } from './admission.ts';
import type { Pace } from './read-body.ts';
import type { TakeBody } from './take-body.ts';

/** What a receiver is made of, whichever its transport. */
export interface ReceiverOptions {
  take: TakeBody;
  /** Why nothing can be stored now, for every sender before its body is read; by default nothing. */
  refusal?: () => ReceiveError | undefined;
  /** For `/readyz`: why nothing can be stored, in words for anybody. By default nothing keeps it. */
  whyNotReady?: () => Promise<string | undefined>;
  auth: OtlpAuth;
  /** No body may be longer, in bytes, packed or unpacked. */
  maxBodyBytes: number;
  /** What all requests under way may hold together. */
  budget: BufferBudget;
  /** Told of every request that failed for a reason that the sender cannot mend. */
  logger: Logger;
  pace?: Pace;
}

/** What a request costs beside its body: its headers and the objects that stand for it. */
export const REQUEST_BYTES = 16 * 1024;
