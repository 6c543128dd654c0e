/** What a VLM panel says: a sentence about the picture, and the lettering in it. */
export interface VlmText {
  readonly description?: string | null | undefined;
  readonly text_content?: readonly { readonly text: string | null }[] | null | undefined;
}

/** One text of a VLM panel's description and lettering, as the original joins them; blank pieces are left out. */
export function joinVlmText({ description, text_content: lettering }: VlmText): string {
  const pieces = [description, ...(lettering ?? []).map((entry) => entry.text)];
  return pieces
    .map((piece) => (piece ?? '').trim())
    .filter((piece) => piece !== '')
    .join(' ');
}
