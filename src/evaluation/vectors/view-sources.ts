import type { View } from '../evaluation-result.ts';
import type { PanelText, Picture } from './view-columns.ts';

/** What a view shows of a panel. */
export interface ViewSource {
  readonly picture: Picture | null;
  readonly text: PanelText | null;
  readonly composition: boolean;
  /** The text without which a panel has no such view; null if all panels have it */
  readonly needs: PanelText | null;
}

const NOTHING: ViewSource = { picture: null, text: null, composition: false, needs: null };

export const VIEW_SOURCES: Readonly<Record<View, ViewSource>> = {
  stored: { picture: 'picture', text: 'lettering', composition: true, needs: null },
  stored_described: { picture: 'picture', text: 'text', composition: true, needs: 'description' },
  picture: { ...NOTHING, picture: 'picture' },
  lettering: { ...NOTHING, text: 'lettering', needs: 'lettering' },
  description: { ...NOTHING, text: 'description', needs: 'description' },
  composition: { ...NOTHING, composition: true },
  picture_composition: { ...NOTHING, picture: 'picture', composition: true },
  snapshot: { ...NOTHING, picture: 'snapshot' },
  flipped: { ...NOTHING, picture: 'flipped' },
  grey: { ...NOTHING, picture: 'grey' },
};
