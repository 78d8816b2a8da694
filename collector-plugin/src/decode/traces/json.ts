import type { DecodeOptions } from '../decode-options.ts';
import { requestNames, resourceOf, walkRequest, type ResourceGroup } from '../json-request.ts';
import { asDecodedTraces, failuresBeside, type DecodedTraces } from './decoded-traces.ts';
import { factsOf, readSpan } from './json-span.ts';
import { spansWalk, type SpansWalk } from './json-walk.ts';
import { spanFact } from './span-facts.ts';

const how = { names: requestNames('resourceSpans', 'scopeSpans', 'spans'), walkItem: walkSpan };

/**
 * Decodes the JSON body of `POST /v1/traces`, an ExportTraceServiceRequest, into the same result as
 * the protobuf body that says the same. The result holds views into `body`: do not write to that
 * buffer again.
 *
 * @throws MalformedBodyError where the body is not such a message, with the path of what is wrong.
 */
export function decodeTracesJson(body: Buffer, options: DecodeOptions): DecodedTraces {
  const walk = spansWalk(body, options);
  walkRequest(walk, how);
  return asDecodedTraces(walk.intake.end());
}

function walkSpan(walk: SpansWalk, parent: ResourceGroup): void {
  const { intake } = walk;
  const facts = factsOf(walk) | (parent.namesRun ? spanFact.resourceNamesRun : 0);
  if (!intake.wants(walk.keep(facts))) return;
  const span = readSpan(walk, resourceOf(walk, parent));
  intake.add(span, failuresBeside(span));
}
