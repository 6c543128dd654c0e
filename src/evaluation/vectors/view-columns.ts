/** Pictures of a panel that are encoded: as it is, and changed as queries are. */
export const PICTURES = ['picture', 'snapshot', 'flipped', 'grey'] as const;
export type Picture = (typeof PICTURES)[number];

/** Texts of a panel that are encoded: description and lettering joined, and each alone. */
export const TEXTS = ['text', 'lettering', 'description'] as const;
export type PanelText = (typeof TEXTS)[number];

/** Columns of the files with the features of all views, beside those of pictures and texts. */
export const VIEW_COLUMNS = {
  /** float32 (rows, 3): ones for the texts, in the order of TEXTS, that the panel has */
  presentTexts: 'present_texts',
  /** float32 (rows, 7) */
  composition: 'composition',
} as const;

/** The column of the features that a backbone gives for a picture: float32 (rows, features). */
export function pictureColumn(picture: Picture, backbone: string): string {
  return `${picture}/${backbone}`;
}

/** The column of the features of a text: float32 (rows, features), zeros where it is absent. */
export function textColumn(text: PanelText): string {
  return `words/${text}`;
}
