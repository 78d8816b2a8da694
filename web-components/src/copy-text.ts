/**
 * Copies a text to the clipboard.
 *
 * The Clipboard API exists only on https pages and may be forbidden by policy. There the older way
 * is taken: a selected text field, put for a moment into `container`.
 *
 * @returns whether it was copied.
 */
export async function copyText(text: string, container: Node & ParentNode): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, container);
  }
}

function copyBySelection(text: string, container: Node & ParentNode): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.readOnly = true;
  field.ariaHidden = 'true';
  field.style.cssText = 'position: fixed; inset-block-start: 0; inset-inline-start: 0; opacity: 0;';
  container.append(field);
  field.select();
  // Deprecated, and the only way on pages without https.
  const copied = document.execCommand('copy');
  field.remove();
  return copied;
}
