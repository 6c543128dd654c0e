import { useEffect, useState } from 'preact/hooks';
import { getPanels, type Panel } from '../../api/collections.ts';
import { pageName, panelNumber, pictureUrl } from '../../components/panel-names.ts';
import { Picture } from '../../components/picture.tsx';
import type { Point } from './map-geometry.ts';

/** Points that the pointer only passes are not asked for. */
const DELAY_MS = 60;
const WIDTH_PX = 240;

interface HoverCardProps {
  readonly collection: string;
  readonly id: string;
  /** Where the point is, in pixels of the map */
  readonly pixel: Point;
  /** How wide the map is */
  readonly width: number;
}

/** The picture and the text of the panel under the pointer. By keyboard, the lists beside the map have the same. */
export function HoverCard({ collection, id, pixel: [x, y], width }: HoverCardProps) {
  const [panel, setPanel] = useState<Panel>();
  useEffect(() => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      // A panel that cannot be loaded shows nothing, as a click on it will say why.
      getPanels(collection, [id], controller.signal).then(
        ([found]) => setPanel(found),
        () => setPanel(undefined),
      );
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [collection, id]);
  if (panel?.id !== id) return null;
  const left = x + WIDTH_PX + 24 > width ? x - WIDTH_PX - 16 : x + 16;
  return (
    <div class="map-hover" aria-hidden="true" style={{ left: `${Math.max(0, left)}px`, top: `${y + 12}px` }}>
      <Picture src={pictureUrl(panel.image_url, 320)} alt="" loading="eager" />
      <strong>{panel.book}</strong>
      <span>
        {pageName(panel)} · panel {panelNumber(panel)}
      </span>
      {panel.text && <span class="map-hover-text">{panel.text}</span>}
    </div>
  );
}
