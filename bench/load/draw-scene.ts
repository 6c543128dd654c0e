import sharp from 'sharp';
import { SeededRandom } from '../../src/util/seeded-random.ts';

const WIDTH = 600;
const HEIGHT = 450;
const JPEG_QUALITY = 85;
const CHANNELS = 3;
/** Brightness of a channel of a picture, as a multiple of that of the scene */
const [MIN_GAIN, MAX_GAIN] = [0.7, 1];

/** A scene as comics draw it: flat colours, outlines, screentone, hatching and the grain of a scan. */
const SCENE = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 600 450">
  <defs>
    <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#f6b26b"/><stop offset="1" stop-color="#fff2cc"/></linearGradient>
    <pattern id="tone" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <circle cx="3" cy="3" r="1.7" fill="#1c2b4a"/>
    </pattern>
    <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(30)">
      <path d="M0 0V5" stroke="#222" stroke-width="1.3"/>
    </pattern>
    <filter id="grain">
      <feTurbulence type="fractalNoise" baseFrequency="0.8" numOctaves="3" seed="7"/>
      <feColorMatrix values="0 0 0 0 0.2  0 0 0 0 0.15  0 0 0 0 0.1  0.4 0 0 0 -0.1"/>
    </filter>
  </defs>
  <rect width="600" height="450" fill="url(#sky)"/>
  <circle cx="470" cy="120" r="62" fill="#f1c232" stroke="#222" stroke-width="3"/>
  <g fill="#6d7f9c" stroke="#222" stroke-width="3">
    <path d="M0 330V190H70V150H130V210H170V330Z"/><path d="M380 330V230H430V180H500V250H560V200H600V330Z"/>
  </g>
  <path d="M0 330V190H70V150H130V210H170V330Z" fill="url(#tone)"/>
  <path d="M0 330Q300 290 600 330V450H0Z" fill="#7f6000" stroke="#222" stroke-width="4"/>
  <path d="M0 390Q300 340 600 390V450H0Z" fill="url(#hatch)"/>
  <g stroke="#222" stroke-width="4" stroke-linejoin="round">
    <path d="M210 430L222 300Q250 268 282 300L296 430Z" fill="#cc0000"/><circle cx="252" cy="240" r="38" fill="#f9cb9c"/>
    <path d="M212 232Q214 188 256 192Q300 198 290 244Q270 214 212 232Z" fill="#351c75"/>
    <path d="M356 440L366 322Q394 292 426 324L436 440Z" fill="#38761d"/><circle cx="396" cy="268" r="34" fill="#ffe599"/>
    <path d="M282 312L330 284L366 330" fill="none"/>
    <path d="M40 80Q40 22 150 22T262 80T150 138Q130 138 112 134L132 186L84 124Q40 112 40 80Z" fill="#fff"/>
  </g>
  <path d="M84 62H216M84 82H206M84 102H190" stroke="#222" stroke-width="7" stroke-dasharray="26 7 14 6 32 8"/>
  <rect width="600" height="450" filter="url(#grain)" opacity="0.5"/>
  <rect x="3" y="3" width="594" height="444" fill="none" stroke="#111" stroke-width="6"/>
</svg>`;

/** The scene as a JPEG, drawn so that the benchmark needs no file. */
export function drawScene(): Promise<Buffer> {
  return sharp(Buffer.from(SCENE)).flatten().jpeg({ quality: JPEG_QUALITY }).toBuffer();
}

/** Different JPEGs of the same size: the scene, moved around its edges and in other colours. The same seed gives the same bytes. */
export async function drawPictures(count: number, seed: number): Promise<Buffer[]> {
  const scene = await sharp(Buffer.from(SCENE)).flatten().toColourspace('srgb').raw().toBuffer();
  const random = new SeededRandom(seed);
  const raw = { width: WIDTH, height: HEIGHT, channels: CHANNELS } as const;
  const pictures: Buffer[] = [];
  while (pictures.length < count) {
    const shift = CHANNELS * Math.floor(random.uniform() * WIDTH * HEIGHT);
    const moved = Buffer.concat([scene.subarray(shift), scene.subarray(0, shift)]);
    const gains = Array.from({ length: CHANNELS }, () => MIN_GAIN + (MAX_GAIN - MIN_GAIN) * random.uniform());
    pictures.push(await sharp(moved, { raw }).linear(gains, [0, 0, 0]).jpeg({ quality: JPEG_QUALITY }).toBuffer());
  }
  return pictures;
}
