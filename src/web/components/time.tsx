const FORMAT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A moment, in the time zone and the form of the reader. */
export function Time({ value }: { readonly value: string | number }) {
  const date = new Date(value);
  return <time dateTime={date.toISOString()}>{FORMAT.format(date)}</time>;
}
