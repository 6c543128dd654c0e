/** A decoded picture: 8-bit sRGB, upright, without alpha, rows of width * 3 bytes. */
export interface Raster {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}
