import { Deck, OrthographicView, type OrthographicViewState } from '@deck.gl/core';
import { ScatterplotLayer, TextLayer } from '@deck.gl/layers';
import type { Ref } from 'preact';
import { useEffect, useImperativeHandle, useRef, useState } from 'preact/hooks';
import type { Theme } from '../../components/use-theme.ts';
import type { Colours } from './map-colours.ts';
import type { MapPoints } from './map-data.ts';
import { type Bounds, boundsOf, findNearest, type Point } from './map-geometry.ts';

const VIEW_ID = 'map';
/** The part of the canvas that all points fill at first */
const FILL = 0.9;
const MAX_POINTER_DISTANCE_PX = 12;
const TRANSITION_MS = 300;
const DIMMED_OPACITY = 0.18;
const MARK_COLOURS = { light: [29, 26, 23], dark: [255, 255, 255] } as const;

/** A number beside a place of the map. */
export interface MapLabel {
  readonly text: string;
  readonly place: Point;
}

/** What buttons can do with the map. */
export interface MapControls {
  zoomBy(steps: number): void;
  showAll(): void;
  /** What of the map can be seen */
  visibleBounds(): Bounds;
  /** A place of the map from pixels of the canvas */
  toMap(pixel: Point): Point;
}

interface MapCanvasProps {
  readonly controls: Ref<MapControls>;
  readonly points: MapPoints;
  readonly colours: Colours;
  /** Points that stand out; undefined for all */
  readonly marked: readonly number[] | undefined;
  readonly labels: readonly MapLabel[];
  readonly theme: Theme;
  readonly onHover: (index: number, pixel: Point) => void;
  readonly onPick: (index: number) => void;
  /** WebGL is missing, or has failed */
  readonly onError: (error: Error) => void;
}

type ViewState = OrthographicViewState & { target: [number, number, number]; zoom: number };

/** The points of a map, drawn by WebGL. The wheel and fingers zoom, dragging and the arrow keys move. */
export function MapCanvas({
  controls,
  points,
  colours,
  marked,
  labels,
  theme,
  onHover,
  onPick,
  onError,
}: MapCanvasProps) {
  const container = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<DeckMap>();
  const handlers = useRef({ onHover, onPick, onError });
  handlers.current = { onHover, onPick, onError };

  useEffect(() => {
    if (container.current === null) return;
    const created = new DeckMap(container.current, points, handlers);
    setMap(created);
    return () => created.destroy();
  }, [points]);
  useEffect(() => map?.draw(colours, marked, labels, theme), [map, colours, marked, labels, theme]);
  useImperativeHandle(controls, () => map ?? NO_CONTROLS, [map]);
  return <div class="map-canvas" ref={container} />;
}

const NO_CONTROLS: MapControls = {
  zoomBy: () => {},
  showAll: () => {},
  visibleBounds: () => ({ minX: 0, minY: 0, maxX: 0, maxY: 0 }),
  toMap: (pixel) => pixel,
};

/** deck.gl, without a state of the page: a frame of a movement renders nothing but the canvas. */
class DeckMap implements MapControls {
  readonly #points: MapPoints;
  readonly #deck: Deck<OrthographicView>;
  readonly #container: HTMLElement;
  #viewState: ViewState;

  constructor(
    container: HTMLElement,
    points: MapPoints,
    handlers: { readonly current: Pick<MapCanvasProps, 'onHover' | 'onPick' | 'onError'> },
  ) {
    this.#points = points;
    this.#container = container;
    this.#viewState = this.#fit();
    this.#deck = new Deck({
      parent: container as HTMLDivElement,
      views: new OrthographicView({ id: VIEW_ID, flipY: false }),
      controller: { keyboard: true, inertia: 200 },
      viewState: this.#viewState,
      getCursor: ({ isDragging }) => (isDragging ? 'grabbing' : 'crosshair'),
      onViewStateChange: ({ viewState }) => this.#setView(viewState as ViewState),
      // The nearest of all points is found faster than a second picture of them is drawn.
      onHover: ({ x, y }) => handlers.current.onHover(this.#pointAt([x, y]), [x, y]),
      onClick: ({ x, y }) => {
        const index = this.#pointAt([x, y]);
        if (index >= 0) handlers.current.onPick(index);
      },
      onError: (error) => handlers.current.onError(error),
    });
  }

  draw(colours: Colours, marked: readonly number[] | undefined, labels: readonly MapLabel[], theme: Theme): void {
    const { count, places } = this.#points;
    const radius = count > 20_000 ? 1.5 : count > 2000 ? 2.5 : 4;
    const all = new ScatterplotLayer({
      id: 'points',
      data: {
        length: count,
        attributes: {
          getPosition: { value: places, size: 2 },
          getFillColor: { value: colours.rgba, size: 4, normalized: true },
        },
      },
      radiusUnits: 'pixels',
      getRadius: radius,
      opacity: marked === undefined ? 0.85 : DIMMED_OPACITY,
    });
    const marks = new ScatterplotLayer<number>({
      id: 'marks',
      data: marked ?? [],
      radiusUnits: 'pixels',
      getPosition: (i) => [places[2 * i] ?? 0, places[2 * i + 1] ?? 0],
      getFillColor: (i) => Array.from(colours.rgba.subarray(4 * i, 4 * i + 4)) as [number, number, number, number],
      getRadius: radius + ((marked?.length ?? 0) < 500 ? 3 : 0.5),
      stroked: (marked?.length ?? 0) < 500,
      lineWidthUnits: 'pixels',
      getLineWidth: 1.5,
      getLineColor: [...MARK_COLOURS[theme]],
      updateTriggers: { getFillColor: colours, getPosition: places },
    });
    const numbers = new TextLayer<MapLabel>({
      id: 'labels',
      data: labels,
      getText: ({ text }) => text,
      getPosition: ({ place }) => place,
      getSize: 15,
      fontWeight: 700,
      fontFamily: 'system-ui, sans-serif',
      getColor: [...MARK_COLOURS[theme]],
      background: true,
      backgroundPadding: [6, 2],
      getBackgroundColor: theme === 'dark' ? [22, 21, 20, 215] : [255, 255, 255, 215],
    });
    this.#deck.setProps({ layers: [all, marks, numbers] });
  }

  zoomBy(steps: number): void {
    this.#setView({ ...this.#viewState, zoom: this.#viewState.zoom + steps }, TRANSITION_MS);
  }

  showAll(): void {
    this.#setView(this.#fit(), TRANSITION_MS);
  }

  visibleBounds(): Bounds {
    const { clientWidth, clientHeight } = this.#container;
    return boundsOf([...this.toMap([0, 0]), ...this.toMap([clientWidth, clientHeight])]);
  }

  toMap([x, y]: Point): Point {
    const { clientWidth, clientHeight } = this.#container;
    const [centreX, centreY] = this.#viewState.target;
    const scale = 2 ** this.#viewState.zoom;
    return [centreX + (x - clientWidth / 2) / scale, centreY - (y - clientHeight / 2) / scale];
  }

  destroy(): void {
    this.#deck.finalize();
  }

  #pointAt(pixel: Point): number {
    return findNearest(this.#points, this.toMap(pixel), MAX_POINTER_DISTANCE_PX / 2 ** this.#viewState.zoom);
  }

  #setView(viewState: ViewState, transitionDuration = 0): void {
    this.#viewState = viewState;
    this.#deck.setProps({ viewState: transitionDuration > 0 ? { ...viewState, transitionDuration } : viewState });
  }

  #fit(): ViewState {
    const { minX, minY, maxX, maxY } = boundsOf(this.#points.places);
    const { clientWidth, clientHeight } = this.#container;
    const scale = FILL * Math.min(clientWidth / (maxX - minX || 1), clientHeight / (maxY - minY || 1));
    const zoom = Math.log2(scale || 1);
    return { target: [(minX + maxX) / 2, (minY + maxY) / 2, 0], zoom, minZoom: zoom - 2, maxZoom: zoom + 12 };
  }
}
