import { useEffect, useState } from 'preact/hooks';

interface PictureProps {
  readonly src: string;
  readonly alt: string;
  readonly loading?: 'lazy' | 'eager';
}

/** A picture of the service; a line of text stands in its place where the file has moved. */
export function Picture({ src, alt, loading = 'lazy' }: PictureProps) {
  const [isMissing, setMissing] = useState(false);
  useEffect(() => setMissing(false), [src]);
  if (isMissing) {
    return (
      <span class="picture picture-missing" role="img" aria-label={`${alt} (the picture is not there any more)`}>
        The picture is not there any more
      </span>
    );
  }
  return (
    <img class="picture" src={src} alt={alt} loading={loading} decoding="async" onError={() => setMissing(true)} />
  );
}
