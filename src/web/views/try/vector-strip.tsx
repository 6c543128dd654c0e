import { useEffect, useRef } from 'preact/hooks';

const NEGATIVE = [47, 102, 190] as const;
const POSITIVE = [201, 72, 26] as const;

interface VectorStripProps {
  readonly label: string;
  readonly vector: readonly number[];
}

/** A vector as a strip: one column for each number, blue below zero and orange above, pale near zero. */
export function VectorStrip({ label, vector }: VectorStripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || vector.length === 0) return;
    const pixels = context.createImageData(vector.length, 1);
    const largest = Math.max(...vector.map(Math.abs)) || 1;
    for (const [i, value] of vector.entries()) {
      // The root makes small numbers visible beside the largest.
      const strength = Math.sqrt(Math.abs(value) / largest);
      pixels.data.set([...(value < 0 ? NEGATIVE : POSITIVE), Math.round(255 * strength)], 4 * i);
    }
    context.putImageData(pixels, 0, 0);
  }, [vector]);
  return (
    <canvas ref={canvas} class="vector-strip" width={vector.length} height={1} role="img" aria-label={label}>
      {label}
    </canvas>
  );
}
