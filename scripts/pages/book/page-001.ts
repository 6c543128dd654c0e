import { sittingCat } from '../cast/cat.ts';
import { standingGull } from '../cast/gull.ts';
import { idaHead } from '../cast/ida-head.ts';
import { columns, type DrawFunction, INNER, type NarrativePage, rows } from '../page.ts';
import { fishingBoat, rowingBoat, sailingBoat } from '../scenery/boat.ts';
import { lighthouse } from '../scenery/lighthouse.ts';
import { bollard, crate, pier, ropeCoil } from '../scenery/pier.ts';
import { glitter, NIGHT_WATER, sea } from '../scenery/sea.ts';
import { cloud, moon, moonSky, rays, stars, stripedSky } from '../scenery/sky.ts';
import { town } from '../scenery/town.ts';
import { circle, filled, group, INK, outlined, path, rect, stroke } from '../svg.ts';

const harbor: DrawFunction = (w, h) =>
  moonSky(w, h, [590, 96], 50) +
  stars(w, h * 0.55, 70, 11) +
  moon(590, 96, 50) +
  cloud(690, 120, 190, '#4a5f96', 0.8) +
  town(-20, 330, 236, 120, 5) +
  sea(w, h, 234, { ...NIGHT_WATER, seed: 3 }) +
  glitter(590, 242, h - 250, 62, '#ffeeb0', 8) +
  sailingBoat(452, 262, 0.52, '#d9e2f2') +
  fishingBoat(702, 318, 0.95, '#b8423a') +
  fishingBoat(176, 318, 0.8, '#2f7a72', true) +
  rowingBoat(400, 352, 0.8, '#c98b3c');

const catOnCrate: DrawFunction = (w, h) =>
  stripedSky(w, h, ['#2d2350', '#3d2c66', '#51387a', '#6a478b']) +
  stars(w, h * 0.5, 26, 21) +
  pier(-20, w + 20, h - 44, 80, 4) +
  crate(204, h - 44, 136) +
  ropeCoil(346, h - 52, 0.95) +
  sittingCat(204, h - 180, { scale: 1.08 });

const darkTower: DrawFunction = (w, h) =>
  stripedSky(w, h, ['#0d1a26', '#13283a', '#1b394d', '#274d60']) +
  cloud(-30, 92, 240, '#0b141e') +
  cloud(230, 66, 230, '#0b141e') +
  cloud(60, 190, 150, '#1a3143', 0.9) +
  sea(w, h, h - 84, { deep: '#0c2233', light: '#3a6a7a', seed: 12 }) +
  lighthouse(250, h - 78, { lit: false, scale: 0.66, paint: '#8d3b3b', wall: '#b9b7b4' });

const idaSees: DrawFunction = (w, h) =>
  rect(0, 0, w, h, filled('#f08a4b')) +
  rays(w, h, [268, 250], '#f7a968', 18) +
  path(`M120 ${h}Q130 ${h - 92} 262 ${h - 96}Q410 ${h - 92} 424 ${h}Z`, outlined('#f5bb33', 6)) +
  path(`M250 ${h - 90}L262 ${h}`, stroke(INK, 5)) +
  group(266, 236, { scale: 2.15 }, idaHead('alarmed'));

const thief: DrawFunction = (w, h) =>
  rect(0, 0, w, h, filled('#1d4d52')) +
  circle(212, 166, 190, filled('#2a6a68')) +
  moon(212, 166, 128) +
  cloud(-40, 300, 220, '#2f7470') +
  sea(w, h, h - 66, { deep: '#123a40', light: '#6fb3a6', seed: 9 }) +
  bollard(190, h - 10, 1.3) +
  standingGull(190, h - 114, { scale: 1.42, key: true });

const [top, middle, bottom] = rows(INNER, [1.06, 1, 1]);
const [left, right] = columns(middle, [1, 1]);
const [close, perch] = columns(bottom, [1.12, 1]);

export const page001: NarrativePage = {
  kind: 'narrative',
  name: 'page_001',
  format: 'jpg',
  summary:
    'At night in a quiet harbor the lighthouse stays dark, and Ida finds that a gull has taken the key of the lamp.',
  panels: [
    {
      box: top,
      description:
        'A full moon shines over a harbor at night, with fishing boats and a sailing boat on the dark water.',
      draw: harbor,
      lettering: [{ type: 'caption', lines: ['MOONLIT HARBOR,', 'A LITTLE PAST TEN.'], position: [166, 52] }],
    },
    {
      box: left,
      description: 'An orange cat sits on a wooden crate beside a coil of rope on the pier.',
      draw: catOnCrate,
      lettering: [],
    },
    {
      box: right,
      description: 'A lighthouse without any light stands on its rock under black clouds.',
      draw: darkTower,
      lettering: [{ type: 'caption', lines: ['SOMETHING', 'IS MISSING.'], position: [104, 262] }],
    },
    {
      box: close,
      description: 'Close-up of Ida, a girl in a yellow raincoat and rain hat, staring in alarm.',
      draw: idaSees,
      lettering: [{ type: 'dialogue', lines: ['THE LAMP', 'IS OUT!'], position: [104, 70], tail: [186, 178] }],
    },
    {
      box: perch,
      description: 'A white gull stands on a bollard before the moon with a golden key in its beak.',
      draw: thief,
      lettering: [{ type: 'sfx', lines: ['KRAA!'], position: [100, 62], size: 6, rotation: -10, color: '#ffd75e' }],
    },
  ],
};
