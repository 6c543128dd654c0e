import sharp, { type Sharp } from 'sharp';

/** A decoded image: 8-bit sRGB, upright, without alpha, rows of width * 3 bytes. */
export interface Raster {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** A part of a raster in pixels: left and top inclusive, right and bottom exclusive. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Width of the copied edge around an image before it is enlarged, so that the interpolator never mixes in the background. */
const EDGE_PIXELS = 2;

/**
 * Resizes a part of a raster to size x size RGB bytes as PIL's BILINEAR does: a triangle filter that widens when it shrinks.
 * libvips does the same for shrinking. Its enlarging is half a pixel off, so an affine transformation with PIL's pixel centres
 * replaces it.
 */
export async function resizeCrop(raster: Raster, crop: Crop, size: number): Promise<Uint8Array> {
  const width = crop.right - crop.left;
  const height = crop.bottom - crop.top;
  const region = { left: crop.left, top: crop.top, width, height };
  const shrunkSize = { width: Math.min(width, size), height: Math.min(height, size) };
  const shrunkImage = fromRaster(raster)
    .extract(region)
    .resize({ ...shrunkSize, fit: 'fill', kernel: 'linear' });
  if (shrunkSize.width === size && shrunkSize.height === size) return shrunkImage.raw().toBuffer();
  const data = await shrunkImage.raw().toBuffer();
  return enlarge({ data, ...shrunkSize }, size);
}

async function enlarge({ data, width, height }: Raster, size: number): Promise<Uint8Array> {
  const padded = await fromRaster({ data, width, height })
    .extend({ top: EDGE_PIXELS, bottom: EDGE_PIXELS, left: EDGE_PIXELS, right: EDGE_PIXELS, extendWith: 'copy' })
    .raw()
    .toBuffer();
  const scale = { x: size / width, y: size / height };
  // The source position of target pixel i is (i + 0.5) / scale - 0.5, plus EDGE_PIXELS for the copied edge.
  const offset = (factor: number) => (factor - 1) / 2 - EDGE_PIXELS * factor;
  const { data: enlarged, info } = await fromRaster({
    data: padded,
    width: width + 2 * EDGE_PIXELS,
    height: height + 2 * EDGE_PIXELS,
  })
    .affine([scale.x, 0, 0, scale.y], { interpolator: 'bilinear', odx: offset(scale.x), ody: offset(scale.y) })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return fromRaster({ data: enlarged, width: info.width, height: info.height })
    .extract({ left: 0, top: 0, width: size, height: size })
    .raw()
    .toBuffer();
}

export function fromRaster({ data, width, height }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}
