/** Legible on white and on black, and distinct also with the common colour vision deficiencies. */
export const CHART_COLORS = [
  '#3b7dd8',
  '#e07b2a',
  '#2a9d6f',
  '#c2528b',
  '#8a6fd1',
  '#a98a00',
  '#1f9fb5',
  '#d64545',
] as const;

/** The colour of an index; the colours repeat. */
export function chartColor(index: number): string {
  return CHART_COLORS[index % CHART_COLORS.length] ?? CHART_COLORS[0];
}
