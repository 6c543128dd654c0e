import './gate-bar.css';

interface GateBarProps {
  readonly gate: { readonly vision: number; readonly text: number; readonly composition: number };
}

const SHARES = [
  { key: 'vision', label: 'picture' },
  { key: 'text', label: 'words' },
  { key: 'composition', label: 'place on the page' },
] as const;

/** How much of a vector comes from the picture, the words and the place of its panel. */
export function GateBar({ gate }: GateBarProps) {
  return (
    <figure class="gate-bar">
      <div class="gate-bar-track" aria-hidden="true">
        {SHARES.map(({ key }) => (
          <span key={key} class={`gate-${key}`} style={{ flexGrow: gate[key] }} />
        ))}
      </div>
      <figcaption>
        <ul>
          {SHARES.map(({ key, label }) => (
            <li key={key}>
              <span class={`gate-swatch gate-${key}`} aria-hidden="true" /> {label} {Math.round(gate[key] * 100)} %
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}
