import { useId } from 'preact/hooks';
import { type Box, clipBox, type DrawnPanel, type PagePicture } from './drawn-page.ts';

const NUMBERS = ['x', 'y', 'width', 'height'] as const;

interface PanelFieldsProps {
  readonly page: PagePicture;
  readonly panels: readonly DrawnPanel[];
  readonly selectedKey: number | undefined;
  /** What the service says of a panel, by its index */
  readonly errors: ReadonlyMap<number, string>;
  readonly onChange: (panel: DrawnPanel) => void;
  readonly onRemove: (key: number) => void;
}

/** The boxes as numbers, and the text of each panel. */
export function PanelFields({ page, panels, selectedKey, errors, onChange, onRemove }: PanelFieldsProps) {
  return (
    <ol class="panel-fields">
      {panels.map((panel, i) => (
        <li key={panel.key} class={panel.key === selectedKey ? 'is-selected' : undefined}>
          <fieldset>
            <legend>Panel {i + 1}</legend>
            <div class="box-numbers">
              {NUMBERS.map((name, j) => (
                <label key={name}>
                  {name}
                  <input
                    type="number"
                    min={j < 2 ? 0 : 1}
                    max={j % 2 === 0 ? page.width : page.height}
                    value={panel.box[j]}
                    onChange={({ currentTarget: { valueAsNumber } }) => {
                      if (Number.isNaN(valueAsNumber)) return;
                      const box = panel.box.map((number, k) => (k === j ? valueAsNumber : number)) as unknown as Box;
                      onChange({ ...panel, box: clipBox(box, page) });
                    }}
                  />
                </label>
              ))}
            </div>
            <PanelText panel={panel} onChange={(text) => onChange({ ...panel, text })} />
            {errors.has(i) && <p class="field-error">{errors.get(i)}</p>}
            <button type="button" class="secondary outline" onClick={() => onRemove(panel.key)}>
              Remove<span class="visually-hidden"> panel {i + 1}</span>
            </button>
          </fieldset>
        </li>
      ))}
    </ol>
  );
}

function PanelText({ panel, onChange }: { readonly panel: DrawnPanel; readonly onChange: (text: string) => void }) {
  const id = useId();
  return (
    <>
      <label for={id}>Text</label>
      <textarea
        id={id}
        rows={2}
        value={panel.text}
        placeholder="Lettering, a description, or nothing"
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </>
  );
}
