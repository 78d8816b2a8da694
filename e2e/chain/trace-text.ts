import { expect } from 'vitest';

/** What an answer's body is, to the byte. */
export const bytesOf = async (response: Response): Promise<Buffer> =>
  Buffer.from(await response.arrayBuffer());

/** Fails unless a download is exactly what the backend logged. */
export function expectSameBytes(actual: Buffer, logged: string | undefined): void {
  // As text first, because its difference can be read; then what counts.
  expect(actual.toString()).toBe(logged);
  expect(actual.equals(Buffer.from(logged ?? ''))).toBe(true);
}

/** The line above one of two texts in a download. */
export function delimiter(index: number, service: string, type: string): RegExp {
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
  return new RegExp(
    String.raw`^===== failure ${index} of 2 \| service: ${service} \| span: .+ \| ${type} \| ${time} \| \d+ bytes =====$`,
  );
}
