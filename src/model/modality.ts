/** The kinds of input that a panel may have, in the order of the columns of a modality mask (n, 3) and of gate weights (n, 3). */
export const MODALITIES = ['vision', 'text', 'composition'] as const;
export type Modality = (typeof MODALITIES)[number];

/**
 * Number of composition features of a panel: aspect ratio, area, position or character count, mean and maximum shot
 * scale, centre x, centre y.
 */
export const COMPOSITION_FEATURES = 7;
