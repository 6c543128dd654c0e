import sharp from 'sharp';

const WIDTH = 600;
const HEIGHT = 450;
const JPEG_QUALITY = 85;

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

/** The picture of all requests, drawn so that the benchmark needs no file. */
export function drawScene(): Promise<Buffer> {
  return sharp(Buffer.from(SCENE)).flatten().jpeg({ quality: JPEG_QUALITY }).toBuffer();
}

/** What the one panel of a request consists of: a picture alone, or a picture, a text and composition numbers. */
export const PANEL_KINDS = ['image', 'multimodal'] as const;
export type PanelKind = (typeof PANEL_KINDS)[number];

/** Description and lettering as a page has them, over 32 and under 64 tokens long. */
export const PANEL_TEXT =
  'Two travellers stand on a hill above the town at sunset and argue over the way. ' +
  'We should have taken the road by the river! It is late.';

/** Aspect ratio, area, position, two shot numbers that are not measured, centre */
export const PANEL_COMPOSITION: readonly number[] = [1.333, 0.21, 0.2, 0, 0, 0.31, 0.42];

export interface PanelRequest {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

export async function makePanelRequest(kind: PanelKind): Promise<PanelRequest> {
  const jpeg = await drawScene();
  if (kind === 'image') return { path: '/v1/embeddings/image', type: 'image/jpeg', body: jpeg };
  const form = new FormData();
  const panel = { image: 'panel', text: PANEL_TEXT, composition: PANEL_COMPOSITION };
  form.set('request', JSON.stringify({ input: [panel] }));
  form.set('panel', new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }), 'panel.jpg');
  const encoded = new Response(form);
  const type = encoded.headers.get('content-type') ?? 'multipart/form-data';
  return { path: '/v1/embeddings/panel', type, body: Buffer.from(await encoded.arrayBuffer()) };
}
