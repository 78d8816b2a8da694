const longest = 300;

/**
 * The beginning of a text as one line, for the chip itself.
 *
 * At most 300 characters: the chip is cut off far earlier by its cell, and a message of a megabyte
 * must not be laid out once per row.
 */
export function oneLine(text: string): string {
  // White space at the start may be long; what follows it is what matters.
  const start = text.search(/\S/);
  if (start === -1) return '';
  const excerpt = text.slice(start, start + longest * 4).replace(/[\ud800-\udbff]$/, '');
  const characters = Array.from(excerpt.replace(/\s+/g, ' ').trimEnd());
  const isWhole = characters.length <= longest && text.length <= start + longest * 4;
  return isWhole ? characters.join('') : `${characters.slice(0, longest).join('')}…`;
}
