import { sittingCat } from '../cast/cat.ts';
import { ida } from '../cast/ida.ts';
import { textBlock } from '../lettering/text-block.ts';
import type { DrawFunction, PlainPage } from '../page.ts';
import { sailingBoat } from '../scenery/boat.ts';
import { lighthouse } from '../scenery/lighthouse.ts';
import { crate, pier } from '../scenery/pier.ts';
import { glitter, NIGHT_WATER, sea } from '../scenery/sea.ts';
import { cloud, moon, moonSky, stars } from '../scenery/sky.ts';
import { filled, INK, PAPER, rect, stroke } from '../svg.ts';

const WAVING = {
  hands: [
    [80, -186],
    [-42, -76],
  ],
  feet: [
    [18, 0],
    [-18, 0],
  ],
} as const;

const title = [
  { color: INK, weight: 2.5 },
  { color: '#ffd75e', weight: 1.35 },
];

const draw: DrawFunction = (w, h) =>
  moonSky(w, h, [450, 520], 190) +
  stars(w, 620, 130, 77) +
  moon(450, 520, 190) +
  cloud(-60, 470, 330, '#4a5f96', 0.75) +
  cloud(600, 610, 360, '#4a5f96', 0.75) +
  sea(w, h, 780, { ...NIGHT_WATER, seed: 70 }) +
  glitter(450, 786, 330, 130, '#ffeeb0', 71) +
  sailingBoat(586, 802, 0.62, '#dfe8f5') +
  lighthouse(730, 806, { lit: false, scale: 0.95 }) +
  pier(-20, 620, 1060, 160, 72) +
  crate(420, 1060, 130) +
  sittingCat(420, 930, { scale: 1.15 }) +
  ida(190, 1060, { scale: 1.5 }, WAVING, 'calm') +
  textBlock(['MOONLIT', 'HARBOR'], 450, 196, 16.5, title) +
  rect(0, h - 104, w, 104, filled(INK)) +
  textBlock(['A SMALL COMIC ABOUT A LOST KEY'], 450, 1144, 3.6, [{ color: PAPER, weight: 0.9 }]) +
  rect(0, 0, w, h, stroke(INK, 16));

export const cover: PlainPage = { kind: 'cover', name: 'page_000', format: 'jpg', draw };
