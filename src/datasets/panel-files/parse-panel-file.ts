import { describeForeignContent, FOREIGN_CONTENT_BYTES } from '../../files/foreign-content.ts';
import { type ParsedJson, parseJson } from '../../util/parse-json.ts';
import { decodeText } from '../../util/strict-text.ts';

/** Parses the bytes of a panel file. @throws Error that says what stands in its place, or where it is no text or no JSON */
export function parsePanelFile(bytes: Uint8Array): ParsedJson {
  const foreign = describeForeignContent(bytes.subarray(0, FOREIGN_CONTENT_BYTES));
  if (foreign !== undefined) throw new Error(`the file ${foreign}`);
  return parseJson(decodeText(bytes));
}
