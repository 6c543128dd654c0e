import type { Edges } from '../../preprocess/boxes.ts';

export interface PlacedText {
  readonly edges: Edges;
  readonly text: string;
}

/**
 * Assigns texts to the panels that they stand in: to the panel around the centre of the text, else to the one that covers most of
 * it. Of several panels around the centre, as slanted ones overlap, the one that covers most of the text takes it, and of two that
 * cover as much the smaller.
 * @returns the texts of each panel, and those that no panel covers
 */
export function assignTexts(
  panels: readonly Edges[],
  texts: readonly PlacedText[],
): { readonly byPanel: readonly (readonly PlacedText[])[]; readonly unassigned: readonly string[] } {
  const byPanel = panels.map((): PlacedText[] => []);
  const unassigned: string[] = [];
  for (const placed of texts) {
    const { edges, text } = placed;
    const candidates = panels.map((panel, index) => ({
      index,
      hasCentre: hasCentreOf(panel, edges),
      overlap: overlapArea(panel, edges),
      area: area(panel),
    }));
    const covering = candidates.filter(({ hasCentre, overlap }) => hasCentre || overlap > 0);
    covering.sort(
      (a, b) =>
        Number(b.hasCentre) - Number(a.hasCentre) || b.overlap - a.overlap || a.area - b.area || a.index - b.index,
    );
    const [best] = covering;
    if (best === undefined) unassigned.push(text);
    else byPanel[best.index]?.push(placed);
  }
  return { byPanel, unassigned };
}

function hasCentreOf(panel: Edges, { left, top, right, bottom }: Edges): boolean {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return x >= panel.left && x <= panel.right && y >= panel.top && y <= panel.bottom;
}

function overlapArea(a: Edges, b: Edges): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

function area({ left, top, right, bottom }: Edges): number {
  return (right - left) * (bottom - top);
}
