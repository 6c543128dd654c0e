const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** @example formatBytes(8_625_176) // '8.6 MB' */
export function formatBytes(bytes: number): string {
  const exponent = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** exponent;
  return `${exponent > 0 && value < 100 ? value.toFixed(1) : Math.round(value)} ${UNITS[exponent]}`;
}

/** @example formatDuration(3723) // '1 h 2 min' */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < MINUTE_SECONDS) return `${Math.round(seconds)} s`;
  if (seconds < HOUR_SECONDS)
    return `${Math.floor(seconds / MINUTE_SECONDS)} min ${Math.floor(seconds % MINUTE_SECONDS)} s`;
  if (seconds < DAY_SECONDS)
    return `${Math.floor(seconds / HOUR_SECONDS)} h ${Math.floor((seconds % HOUR_SECONDS) / MINUTE_SECONDS)} min`;
  return `${Math.floor(seconds / DAY_SECONDS)} d ${Math.floor((seconds % DAY_SECONDS) / HOUR_SECONDS)} h`;
}

/** A name of the API in words: `max_panels_per_page` is "Max panels per page". */
export function toWords(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
