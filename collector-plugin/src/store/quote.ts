/** A name as SQL takes it, whatever is in it. */
export function quoteIdentifier(name: string): string {
  return `\`${escaped(name).replaceAll('`', '\\`')}\``;
}

/** A text as SQL takes it, whatever is in it. For statements that take no parameters, such as DDL. */
export function quoteText(text: string): string {
  return `'${escaped(text).replaceAll("'", "\\'")}'`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\');
}
