import { useState } from 'preact/hooks';

interface PictureProps {
  readonly src: string;
  /** The same picture in several widths, and how wide it is shown */
  readonly srcset?: string;
  readonly sizes?: string;
  readonly alt: string;
  readonly loading?: 'lazy' | 'eager';
}

/** A picture of the service; a line of text stands in its place where the file has moved. */
export function Picture({ src, srcset, sizes, alt, loading = 'lazy' }: PictureProps) {
  const [missingSrc, setMissingSrc] = useState<string>();
  if (missingSrc === src) {
    return (
      <span class="picture picture-missing" role="img" aria-label={`${alt} (the picture is not there any more)`}>
        The picture is not there any more
      </span>
    );
  }
  return (
    <img
      class="picture"
      loading={loading}
      sizes={sizes}
      srcset={srcset}
      src={src}
      alt={alt}
      decoding="async"
      onError={() => setMissingSrc(src)}
    />
  );
}
