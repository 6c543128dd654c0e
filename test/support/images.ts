import sharp, { type Sharp } from 'sharp';

/** Draws a picture of a few shapes, different for each number. */
export function drawPanel(number: number, width = 120, height = 90): Sharp {
  const hue = (number * 67) % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <rect width="100%" height="100%" fill="hsl(${hue},60%,70%)"/>
    <circle cx="${20 + ((number * 31) % 80)}%" cy="40%" r="${10 + (number % 5) * 6}" fill="hsl(${(hue + 150) % 360},70%,40%)"/>
    <path d="M0 ${height} L${width / 2} ${height / (2 + (number % 3))} L${width} ${height} Z" fill="hsl(${(hue + 60) % 360},40%,30%)"/>
  </svg>`;
  return sharp(Buffer.from(svg)).removeAlpha();
}

export function drawPngPanel(number: number): Promise<Buffer> {
  return drawPanel(number).png().toBuffer();
}

export function toDataUri(bytes: Buffer, mediaType = 'image/png'): string {
  return `data:${mediaType};base64,${bytes.toString('base64')}`;
}
