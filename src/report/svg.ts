export const FONT_SIZE = 13;
/** An estimate: digits are narrower in all usual fonts. */
export const CHARACTER_WIDTH = 8;

export interface SvgPicture {
  readonly width: number;
  readonly height: number;
  /** A short title and a description for readers who do not see the picture, both escaped */
  readonly label: string;
  readonly description: string;
}

/** An SVG element. Text and axes take the colour of the text around it, so that it suits light and dark pages. */
export function svgPicture({ width, height, label, description }: SvgPicture, elements: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}"><title>${label}</title><desc>${description}</desc>
<g font-family="sans-serif" font-size="${FONT_SIZE}">
${elements.join('\n')}
</g></svg>`;
}

/** To a tenth of a pixel: more digits only make the file larger. */
export function roundPixels(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

export function axisLine(x1: number, y1: number, x2: number, y2: number, opacity = 0.5): string {
  return `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="currentColor" stroke-opacity="${opacity}"/>`;
}

/** @param content escaped */
export function svgText(x: number, y: number, anchor: 'start' | 'middle' | 'end', content: string): string {
  return `<text x="${roundPixels(x)}" y="${roundPixels(y)}" text-anchor="${anchor}" fill="currentColor">${content}</text>`;
}

/** Plain text that fits into some pixels; the rest becomes an ellipsis. */
export function fitText(text: string, width: number): string {
  const characters = [...text];
  const maxCharacters = Math.floor(width / CHARACTER_WIDTH);
  return characters.length <= maxCharacters ? text : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}
