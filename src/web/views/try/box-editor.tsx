import { type Box, clipBox, type DrawnPanel, type PagePicture } from './drawn-page.ts';
import { useDrawing } from './use-drawing.ts';

/** How far an arrow key moves an edge, as a fraction of the longer side of the page */
const KEY_STEP = 0.005;

interface BoxEditorProps {
  readonly page: PagePicture;
  readonly panels: readonly DrawnPanel[];
  readonly selectedKey: number | undefined;
  /** Whether a finger draws; otherwise it scrolls */
  readonly isTouchDrawing: boolean;
  readonly onSelect: (key: number) => void;
  readonly onAdd: (box: Box) => void;
  readonly onChange: (key: number, box: Box) => void;
  readonly onRemove: (key: number) => void;
}

/** The page with its boxes. A box is drawn by pointer; one that has the focus is moved and resized by arrow keys. */
export function BoxEditor(props: BoxEditorProps) {
  const { page, panels, selectedKey, isTouchDrawing, onSelect, onAdd, onChange, onRemove } = props;
  const { box: drawnBox, handlers } = useDrawing(page, onAdd);

  const handleKey = (event: KeyboardEvent, { key, box }: DrawnPanel) => {
    if (event.key === 'Delete' || event.key === 'Backspace') onRemove(key);
    else if (event.key === 'Enter' || event.key === ' ') onSelect(key);
    else {
      const moved = moveByKey(event, box, page);
      if (moved === undefined) return;
      onChange(key, moved);
    }
    event.preventDefault();
  };

  return (
    <div class="box-editor">
      <img src={page.url} alt={`The page ${page.file.name}`} width={page.width} height={page.height} />
      <svg
        viewBox={`0 0 ${page.width} ${page.height}`}
        class={isTouchDrawing ? 'is-touch-drawing' : undefined}
        aria-label="Boxes of the panels"
        {...handlers}
      >
        {panels.map((panel, i) => (
          // biome-ignore lint/a11y/useSemanticElements: there are no buttons inside SVG
          <g
            key={panel.key}
            data-panel={i + 1}
            tabIndex={0}
            role="button"
            aria-pressed={panel.key === selectedKey}
            aria-label={`Panel ${i + 1}, ${describeBox(panel.box)}. Arrow keys move it, with Shift they resize it, Delete removes it`}
            onClick={() => onSelect(panel.key)}
            onFocus={() => onSelect(panel.key)}
            onKeyDown={(event) => handleKey(event, panel)}
          >
            <BoxShape box={panel.box} />
            <text x={panel.box[0]} y={panel.box[1]} font-size={page.width / 22} dx="0.35em" dy="1.05em">
              {i + 1}
            </text>
          </g>
        ))}
        {drawnBox && <BoxShape box={drawnBox} isNew />}
      </svg>
    </div>
  );
}

function BoxShape({ box: [x, y, width, height], isNew = false }: { readonly box: Box; readonly isNew?: boolean }) {
  return (
    <rect
      x={x}
      y={y}
      width={width}
      height={height}
      vector-effect="non-scaling-stroke"
      class={isNew ? 'is-new' : undefined}
    />
  );
}

function describeBox([x, y, width, height]: Box): string {
  return `${width} by ${height} pixels at ${x}, ${y}`;
}

function moveByKey({ key, shiftKey }: KeyboardEvent, [x, y, width, height]: Box, page: PagePicture): Box | undefined {
  const step = Math.max(1, Math.round(KEY_STEP * Math.max(page.width, page.height)));
  const dx = key === 'ArrowLeft' ? -step : key === 'ArrowRight' ? step : 0;
  const dy = key === 'ArrowUp' ? -step : key === 'ArrowDown' ? step : 0;
  if (dx === 0 && dy === 0) return undefined;
  if (shiftKey) return clipBox([x, y, width + dx, height + dy], page);
  // A box at the edge keeps its size.
  const clamp = (value: number, highest: number) => Math.min(Math.max(value, 0), Math.max(0, highest));
  return [clamp(x + dx, page.width - width), clamp(y + dy, page.height - height), width, height];
}
