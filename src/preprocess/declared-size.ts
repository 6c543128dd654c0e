import type { PageSize } from './boxes.ts';

/**
 * The size of the picture whose pixels boxes count: the declared one, if the page is that picture in the same or another size.
 * Undefined if it is another picture, such as one that was turned or cut.
 */
export function resolveDeclaredSize(declared: PageSize, page: PageSize): PageSize | undefined {
  if (declared.width === page.width && declared.height === page.height) return page;
  // Whoever resized it has rounded each side to a whole pixel.
  const difference = Math.abs(page.width * declared.height - page.height * declared.width);
  return difference <= declared.width + declared.height ? declared : undefined;
}

/** What to do about boxes for another picture than the page. */
export function describeOtherPicture(declared: PageSize, page: PageSize): string {
  const remedy = 'take the picture that they were drawn on, or leave out the declared size if they fit this one';
  return `${describeOtherSize(declared, page)}, which is not the same picture in another size: ${remedy}`;
}

export function describeOtherSize(declared: PageSize, page: PageSize): string {
  return `the boxes are for a picture of ${declared.width} x ${declared.height} pixels, and this one has ${page.width} x ${page.height}`;
}
