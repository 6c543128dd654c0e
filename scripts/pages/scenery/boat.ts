import { circle, filled, group, INK, outlined, path, rect, stroke } from '../svg.ts';

/** Draws a fishing boat, 200 wide. Its waterline is the origin. */
export function fishingBoat(x: number, y: number, scale: number, hull: string, flip = false): string {
  return group(
    x,
    y,
    { scale, flip },
    path('M-20 -40V-150M-20 -140L60 -44M-20 -140L-84 -44', stroke(INK, 4)),
    path('M-17 -132L44 -52H-17Z', outlined('#f3e3bd', 4)),
    rect(-70, -84, 44, 48, outlined('#f2ead8', 4)),
    rect(-60, -74, 22, 18, outlined('#ffd75e', 3)),
    rect(-76, -94, 56, 12, outlined('#7f3a34', 4)),
    path('M-104 -40H104Q98 0 70 14H-78Q-98 0 -104 -40Z', outlined(hull, 4)),
    path('M-101 -26H101', stroke('#f7ead0', 6)),
    circle(70, -14, 7, outlined('#f7ead0', 3)),
    ripples(),
  );
}

/** Draws a sailing boat, 140 wide. */
export function sailingBoat(x: number, y: number, scale: number, sail: string, flip = false): string {
  return group(
    x,
    y,
    { scale, flip },
    path('M0 -20V-190', stroke(INK, 5)),
    path('M6 -184Q70 -100 64 -34H6Z', outlined(sail, 4)),
    path('M-6 -170Q-48 -90 -54 -34H-6Z', outlined('#fbf1dc', 4)),
    path('M-74 -26H78Q66 12 44 14H-48Q-68 10 -74 -26Z', outlined('#6a4630', 4)),
    ripples(),
  );
}

export function rowingBoat(x: number, y: number, scale: number, hull: string): string {
  return group(
    x,
    y,
    { scale },
    path('M-60 -22Q0 -8 60 -22Q52 10 34 12H-36Q-54 8 -60 -22Z', outlined(hull, 4)),
    path('M-10 -14L-64 14M20 -14L76 12', stroke('#d9b27c', 5)),
    ripples(),
  );
}

const ripples = () =>
  path('M-110 12Q-80 4 -50 13T10 13T70 13T112 12V22H-110Z', filled('#16305c', 0.85)) +
  path('M-112 13Q-80 4 -50 13T10 13T70 13T114 12', stroke('#8fb4de', 3));
