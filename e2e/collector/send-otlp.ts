import { connect, constants } from 'node:http2';
import { encodeTraceRequest, type TraceRequest } from './otlp-messages.ts';

/** Sends over OTLP/HTTP with JSON; gives the HTTP status. */
export async function sendJson(port: number, request: TraceRequest): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Sends over OTLP/HTTP with protobuf; gives the HTTP status. */
export async function sendProtobuf(port: number, request: TraceRequest): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(encodeTraceRequest(request)),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Sends over OTLP/gRPC; gives the gRPC status, 0 for OK. */
export function sendGrpc(port: number, request: TraceRequest): Promise<number> {
  const message = encodeTraceRequest(request);
  // gRPC over HTTP/2: one byte for "not compressed", four for the length, then the message.
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);

  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.once('error', reject);
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      te: 'trailers',
    });
    const settle = (headers: Readonly<Record<string, unknown>>): void => {
      const status = headers['grpc-status'];
      if (status === undefined) return;
      // Not waiting for the stream's own end: a server that refuses does not read what is left.
      session.destroy();
      resolve(Number(status));
    };
    // An error without a message comes as headers alone, a success in the trailers.
    stream.once('response', settle).once('trailers', settle).once('error', reject).resume();
    stream.once('close', () => reject(new Error('the gRPC call ended without a status')));
    stream.end(Buffer.concat([prefix, message]));
  });
}
