/** Whether a text says yes: a bool, or as Python's SDK writes one. */
export function isTrue(text: Buffer): boolean {
  return text.length === 4 && text.toString('latin1').toLowerCase() === 'true';
}
