/** Puts another colour profile into a JPEG, or none, and leaves its pixels alone. */
export function withJpegProfile(jpeg: Buffer, profile: Buffer | null): Buffer {
  const segments: Buffer[] = [];
  let offset = 2;
  // Every segment before the pixels has its length behind its marker.
  while (jpeg[offset + 1] !== START_OF_SCAN) {
    const end = offset + 2 + jpeg.readUInt16BE(offset + 2);
    if (jpeg[offset + 1] !== APP2) segments.push(jpeg.subarray(offset, end));
    offset = end;
  }
  const profileSegments = profile === null ? [] : [profileSegment(profile)];
  return Buffer.concat([jpeg.subarray(0, 2), ...profileSegments, ...segments, jpeg.subarray(offset)]);
}

const START_OF_SCAN = 0xda;
const APP2 = 0xe2;

function profileSegment(profile: Buffer): Buffer {
  const header = Buffer.concat([Buffer.of(0xff, APP2, 0, 0), Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1')]);
  header.writeUInt16BE(header.length - 2 + profile.length, 2);
  return Buffer.concat([header, profile]);
}
