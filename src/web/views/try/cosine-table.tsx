import { cosineSimilarity } from '../../../util/vectors.ts';

/** The cosines between all panels, as numbers on a colour. */
export function CosineTable({ vectors }: { readonly vectors: readonly (readonly number[])[] }) {
  return (
    <section>
      <h2>How alike the panels are</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <section class="table-scroll" tabIndex={0} aria-label="Cosines between the panels">
        <table class="cosines">
          <caption>Cosines of the fused vectors: 1 is the same direction</caption>
          <thead>
            <tr>
              <td />
              {vectors.map((_, i) => (
                <th key={i} scope="col">
                  Panel {i + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {vectors.map((a, i) => (
              <tr key={i}>
                <th scope="row">Panel {i + 1}</th>
                {vectors.map((b, j) => {
                  const value = cosineSimilarity(a, b);
                  const strength = Math.round(Math.abs(value) * 40);
                  const color = value < 0 ? 'var(--cosine-negative)' : 'var(--cosine-positive)';
                  return (
                    <td key={j} style={{ backgroundColor: `color-mix(in srgb, ${color} ${strength}%, transparent)` }}>
                      {value.toFixed(2)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
