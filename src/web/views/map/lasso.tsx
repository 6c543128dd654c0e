import { useState } from 'preact/hooks';
import type { Point } from './map-geometry.ts';

/** Corners of a line that is drawn by hand: more say nothing more. */
const MIN_STEP_PX = 4;

/** Lies over the map while an area is drawn around points. */
export function Lasso({ onDrawn }: { readonly onDrawn: (polygon: Point[]) => void }) {
  const [polygon, setPolygon] = useState<Point[]>([]);
  const add = ({ offsetX, offsetY }: PointerEvent) => {
    const last = polygon.at(-1);
    if (last && Math.hypot(last[0] - offsetX, last[1] - offsetY) < MIN_STEP_PX) return;
    setPolygon([...polygon, [offsetX, offsetY]]);
  };
  return (
    <svg
      class="map-lasso"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setPolygon([[event.offsetX, event.offsetY]]);
      }}
      onPointerMove={(event) => polygon.length > 0 && add(event)}
      onPointerUp={() => {
        onDrawn(polygon);
        setPolygon([]);
      }}
      onPointerCancel={() => setPolygon([])}
    >
      <polygon points={polygon.map((point) => point.join()).join(' ')} />
    </svg>
  );
}
