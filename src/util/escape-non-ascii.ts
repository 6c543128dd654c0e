/** JSON text with nothing but ASCII in it, as Python writes it: other characters as escapes of their UTF-16 units. */
export function escapeNonAscii(json: string): string {
  return json.replaceAll(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
