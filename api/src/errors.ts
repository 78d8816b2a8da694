import type { ProblemCode, TraceReason } from '@failtrace/contract';

/**
 * An error that becomes a problem document. `message` is written for the caller: it names neither
 * SQL nor credentials. What really happened is the `cause`, which goes to the log alone.
 */
export abstract class ApiError extends Error {
  abstract readonly code: ProblemCode;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The run is unknown, or the caller may not know of it. The two must not be told apart. */
export class RunNotFound extends ApiError {
  readonly code = 'run_not_found';

  constructor() {
    super('No such run is recorded, or you may not read it.');
  }
}

/** Several namespaces that the caller may see have a run of this id, and none was picked. */
export class AmbiguousRun extends ApiError {
  readonly code = 'ambiguous_run';
  /** What `?namespace=` may pick. */
  readonly namespaces: readonly string[];

  constructor(namespaces: readonly string[]) {
    super('Several namespaces have a run of this id. Pick one by ?namespace=.');
    this.namespaces = namespaces;
  }
}

/** The run exists but has no trace text to give. */
export class TraceNotAvailable extends ApiError {
  readonly code = 'trace_not_available';
  readonly reason: TraceReason;

  constructor(reason: TraceReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The request is not understood; the message says which part and what is allowed. */
export class InvalidRequest extends ApiError {
  readonly code = 'invalid_request';
}

/** The request's body, or the answer that it asks for, is larger than the limit. */
export class PayloadTooLarge extends ApiError {
  readonly code = 'payload_too_large';
}

/** The request's body is not JSON by its `Content-Type`. */
export class UnsupportedMediaType extends ApiError {
  readonly code = 'unsupported_media_type';
}

/** There is no credential, or not one that is known. */
export class Unauthenticated extends ApiError {
  readonly code = 'unauthenticated';

  constructor() {
    super('A valid API key is needed: "Authorization: Bearer <key>" or "X-API-Key: <key>".');
  }
}

/** The caller is known, but lacks a permission. Says nothing about any one run. */
export class Forbidden extends ApiError {
  readonly code = 'forbidden';
}

/** ClickHouse is unreachable, too slow, or gave an answer that cannot be right. */
export class StorageUnavailable extends ApiError {
  readonly code = 'storage_unavailable';
}

/** No route has this path. */
export class RouteNotFound extends ApiError {
  readonly code = 'not_found';

  constructor() {
    super('There is nothing at this path.');
  }
}

/** The path exists, but not with this method. */
export class MethodNotAllowed extends ApiError {
  readonly code = 'method_not_allowed';
  readonly allow: string;

  constructor(allow: string) {
    super(`This path answers ${allow}.`);
    this.allow = allow;
  }
}

/** A fault of this program. The caller learns no more than that. */
export class InternalError extends ApiError {
  readonly code = 'internal';

  constructor(options?: ErrorOptions) {
    super('Something went wrong on this side. The log of the API has the details.', options);
  }
}

/**
 * The trace text broke off after its first bytes were sent. There is no status left to change, so
 * this error must tear down the connection: the client must never take half a text for the whole.
 */
export class TraceTextBroken extends Error {
  readonly code = 'trace_text_broken';
  override readonly name = 'TraceTextBroken';
}
