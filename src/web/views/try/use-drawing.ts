import { useState } from 'preact/hooks';
import { type Box, boxBetween, clipBox, MIN_BOX_PIXELS, type PagePicture } from './drawn-page.ts';

type Point = readonly [x: number, y: number];

interface Drawing {
  /** The box that is being drawn */
  readonly box: Box | undefined;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerUp: (event: PointerEvent) => void;
    readonly onPointerCancel: () => void;
  };
}

/** Draws a box from one corner to the other, by mouse, pen or finger. */
export function useDrawing(page: PagePicture, onBox: (box: Box) => void): Drawing {
  const [corners, setCorners] = useState<readonly [Point, Point]>();
  const box = corners && clipBox(boxBetween(...corners), page);
  return {
    box,
    handlers: {
      onPointerDown: (event) => {
        // A box that exists is chosen, not drawn over.
        if (event.button !== 0 || !(event.target instanceof Element) || event.target.closest('[data-panel]')) return;
        const svg = event.currentTarget as SVGSVGElement;
        svg.setPointerCapture(event.pointerId);
        const point = toPagePoint(event, page);
        setCorners([point, point]);
      },
      onPointerMove: (event) => {
        if (corners) setCorners([corners[0], toPagePoint(event, page)]);
      },
      onPointerUp: () => {
        setCorners(undefined);
        if (box && box[2] >= MIN_BOX_PIXELS && box[3] >= MIN_BOX_PIXELS) onBox(box);
      },
      onPointerCancel: () => setCorners(undefined),
    },
  };
}

/** Where a pointer is, in pixels of the page. */
function toPagePoint(event: PointerEvent, page: PagePicture): Point {
  const { left, top, width, height } = (event.currentTarget as SVGSVGElement).getBoundingClientRect();
  return [((event.clientX - left) / width) * page.width, ((event.clientY - top) / height) * page.height];
}
