/** The texts of a VLM panel: a description of the picture, and the lettering in it. */
export interface VlmText {
  readonly description?: string | null | undefined;
  readonly text_content?: readonly { readonly text: string | null }[] | null | undefined;
}

/** Joins description and lettering to one text as Stage 3 does. Blank pieces are left out. */
export function joinVlmText({ description, text_content: lettering }: VlmText): string {
  const pieces = [description, ...(lettering ?? []).map((entry) => entry.text)];
  return pieces
    .map((piece) => (piece ?? '').trim())
    .filter((piece) => piece !== '')
    .join(' ');
}
