/** Devices of Windows, which are there in every folder, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Whether a name of letters, digits, dots and dashes can be that of a file or folder on every system. Windows drops dots at the end. */
export function isPortableName(name: string): boolean {
  return !DEVICE.test(name) && !name.endsWith('.');
}
