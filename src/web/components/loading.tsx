/** A wait that screen readers hear of, too. */
export function Loading({ label = 'Loading' }: { readonly label?: string }) {
  return (
    <p class="loading" role="status" aria-busy="true">
      {label}…
    </p>
  );
}
