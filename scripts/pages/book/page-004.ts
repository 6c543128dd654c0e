import { catFromBehind, sittingCat } from '../cast/cat.ts';
import { standingGull } from '../cast/gull.ts';
import { ida, idaFromBehind, REACHING } from '../cast/ida.ts';
import { SKIN } from '../cast/ida-head.ts';
import { type DrawFunction, MARGIN, type NarrativePage, PAGE_HEIGHT, PAGE_WIDTH } from '../page.ts';
import { fishingBoat, sailingBoat } from '../scenery/boat.ts';
import { beams, lampKey, lighthouse } from '../scenery/lighthouse.ts';
import { pier } from '../scenery/pier.ts';
import { glitter, NIGHT_WATER, sea } from '../scenery/sea.ts';
import { cloud, rays, stars, stripedSky } from '../scenery/sky.ts';
import { circle, ellipse, filled, INK, outlined, path, rect, stroke, thickLine } from '../svg.ts';

const keyhole: DrawFunction = (w, h) =>
  rect(0, 0, w, h, filled('#2f6f5c')) +
  [50, 130, 210].map((x) => path(`M${x} 0V${h}`, stroke('#235647', 6))).join('') +
  rect(86, 60, 92, 150, { ...outlined('#d9a93a', 6), rx: 16 }) +
  circle(132, 116, 17, filled(INK)) +
  path('M122 116L116 172H148L142 116Z', filled(INK)) +
  lampKey(212, 118, 0.95, 90) +
  thickLine(`M${w + 30} ${h + 10}Q${w - 20} 190 236 142`, '#f5bb33', 46, 10) +
  ellipse(228, 132, 27, 24, outlined(SKIN, 5));

const lampRoom: DrawFunction = (w, h) =>
  rect(0, 0, w, h, filled('#f7c948')) +
  rays(w, h, [172, 128], '#fde28a', 14) +
  circle(172, 128, 92, filled('#fff6cf')) +
  [84, 62, 40].map((r) => circle(172, 128, r, stroke('#e09b2b', 5))).join('') +
  circle(172, 128, 22, outlined('#ffffff', 4)) +
  path(`M120 ${h}L136 214H208L224 ${h}Z`, outlined('#4d4f63', 5)) +
  rect(-10, h - 34, w + 20, 60, outlined('#7b4b2c', 5)) +
  ida(86, h - 24, { scale: 0.8 }, REACHING, 'glad') +
  sittingCat(270, h - 24, { scale: 0.68 });

const beam: DrawFunction = (w, h) =>
  stripedSky(w, h * 0.72, ['#0c1330', '#121d48', '#1a2a60', '#24397a', '#304c92', '#3f62a8']) +
  stars(w, 560, 110, 45) +
  beams(640, 800, 1.3, 900, 150, -40) +
  cloud(40, 520, 260, '#3a548f', 0.85) +
  sea(w, h, 760, { ...NIGHT_WATER, seed: 51 }) +
  glitter(640, 812, 160, 120, '#ffe98a', 6) +
  lighthouse(640, 800, { lit: true, scale: 1.3 }) +
  sailingBoat(120, 756, 0.55, '#f3d9b0') +
  fishingBoat(322, 826, 0.8, '#c4513c');

const dawn: DrawFunction = (w, h) =>
  stripedSky(w, h, ['#f3a6a0', '#f7bd98', '#fbd39a', '#fde6b0']) +
  circle(250, 168, 104, filled('#fff0c2')) +
  circle(250, 168, 66, filled('#fff9e3')) +
  cloud(470, 70, 220, '#fbe3d3') +
  cloud(20, 56, 150, '#fbe3d3') +
  sea(w, h, 168, { deep: '#e79a8c', light: '#fbd7b8', seed: 61 }) +
  glitter(250, 174, 110, 70, '#fff6d8', 16) +
  sailingBoat(96, 190, 0.34, '#fff6e6') +
  pier(360, w + 20, h - 52, 60, 10) +
  idaFromBehind(520, h - 52, { scale: 0.84 }) +
  catFromBehind(622, h - 52, { scale: 0.76 }) +
  standingGull(744, h - 52, { scale: 0.72, flip: true });

const inset = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });

export const page004: NarrativePage = {
  kind: 'narrative',
  name: 'page_004',
  format: 'jpg',
  summary: 'The lamp burns again, its beam guides the boats home, and Ida, the cat and the gull watch the sun rise.',
  panels: [
    {
      box: inset(MARGIN, MARGIN + 20, 270, 270),
      description: "Ida's hand turns the golden key in the brass lock of a green door.",
      draw: keyhole,
      lettering: [{ type: 'sfx', lines: ['CLICK'], position: [92, 34], size: 4.4, rotation: -5, color: '#ffffff' }],
    },
    {
      box: inset(MARGIN + 60, MARGIN + 310, 344, 290),
      description: 'Ida and the cat stand beside the great lamp as it fills the room with yellow light.',
      draw: lampRoom,
      lettering: [],
    },
    {
      box: inset(0, 0, PAGE_WIDTH, PAGE_HEIGHT),
      description: 'The lighthouse throws its beam across the night sea and boats sail home to the harbor.',
      draw: beam,
      lettering: [{ type: 'caption', lines: ['AND THE BOATS', 'CAME HOME.'], position: [748, 92] }],
    },
    {
      box: inset(MARGIN, 900, PAGE_WIDTH - 2 * MARGIN, 270),
      description: 'At a quiet dawn Ida, the cat and the gull sit at the end of the pier and watch the sun rise.',
      draw: dawn,
      lettering: [{ type: 'dialogue', lines: ['GOOD MORNING,', 'HARBOR.'], position: [376, 58], tail: [468, 100] }],
    },
  ],
};
