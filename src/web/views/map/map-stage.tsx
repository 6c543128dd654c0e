import { useRef, useState } from 'preact/hooks';
import type { Theme } from '../../components/use-theme.ts';
import { HoverCard } from './hover-card.tsx';
import { Lasso } from './lasso.tsx';
import { MapCanvas, type MapControls, type MapLabel } from './map-canvas.tsx';
import type { Colours } from './map-colours.ts';
import type { MapData } from './map-data.ts';
import type { Bounds, Point } from './map-geometry.ts';

interface MapStageProps {
  readonly data: MapData;
  readonly colours: Colours;
  readonly marked: readonly number[] | undefined;
  readonly labels: readonly MapLabel[];
  readonly theme: Theme;
  readonly onPick: (index: number) => void;
  readonly onArea: (polygon: Point[]) => void;
  readonly onVisible: (bounds: Bounds) => void;
}

/** The canvas of the map with its tools; a message where it cannot be drawn. */
export function MapStage({ data, onPick, onArea, onVisible, ...drawn }: MapStageProps) {
  const { map, points } = data;
  const controls = useRef<MapControls>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<{ readonly index: number; readonly pixel: Point }>();
  const [isLassoOn, setLassoOn] = useState(false);
  const [canDraw, setCanDraw] = useState(hasWebGl);

  if (!canDraw) {
    return (
      <p class="map-failure" role="status">
        This browser cannot draw the map: it needs WebGL 2. The clusters and their panels are listed here all the same.
      </p>
    );
  }
  const visit = (run: (map: MapControls) => void) => () => controls.current && run(controls.current);
  return (
    <>
      <div class="map-frame" ref={frame} onPointerLeave={() => setHovered(undefined)}>
        <MapCanvas
          {...drawn}
          controls={controls}
          points={points}
          onHover={(index, pixel) => setHovered(index < 0 ? undefined : { index, pixel })}
          onPick={onPick}
          onError={() => setCanDraw(false)}
        />
        {isLassoOn && (
          <Lasso
            onDrawn={(pixels) => {
              setLassoOn(false);
              visit((map) => onArea(pixels.map((pixel) => map.toMap(pixel))))();
            }}
          />
        )}
        {hovered && !isLassoOn && (
          <HoverCard
            collection={map.collection}
            id={points.idOf(hovered.index)}
            pixel={hovered.pixel}
            width={frame.current?.clientWidth ?? 0}
          />
        )}
      </div>
      <fieldset class="map-tools" aria-label="Tools of the map">
        <button type="button" aria-pressed={isLassoOn} onClick={() => setLassoOn(!isLassoOn)}>
          Draw around panels
        </button>
        <button type="button" onClick={visit((map) => onVisible(map.visibleBounds()))}>
          List what is visible
        </button>
        <button type="button" aria-label="Zoom in" onClick={visit((map) => map.zoomBy(1))}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={visit((map) => map.zoomBy(-1))}>
          −
        </button>
        <button type="button" onClick={visit((map) => map.showAll())}>
          Show all
        </button>
      </fieldset>
    </>
  );
}

function hasWebGl(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}
