import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { useAccess } from '../api/use-access.ts';
import { ErrorMessage } from '../components/error-message.tsx';
import { Loading } from '../components/loading.tsx';
import { KeyMissing } from './key-missing.tsx';
import type { Route } from './route.ts';
import type { VIEWS, View } from './views.ts';

/** Loads a view and shows it; what goes wrong in it is shown in its place, and the navigation keeps working. */
export function ViewFrame({ view, route }: { readonly view: (typeof VIEWS)[number]; readonly route: Route }) {
  const [Loaded, setLoaded] = useState<View>();
  const [loadError, setLoadError] = useState<unknown>();
  const [renderError, reset] = useErrorBoundary();
  const { phase } = useAccess();

  useEffect(() => {
    document.title = `${view.title} · panelvec`;
    let isCurrent = true;
    view.load().then(
      (component) => isCurrent && setLoaded(() => component),
      (error: unknown) => isCurrent && setLoadError(error),
    );
    return () => {
      isCurrent = false;
    };
  }, [view]);

  if (loadError !== undefined) {
    return (
      <section>
        <h1>{view.title}</h1>
        <ErrorMessage error={new Error('This view could not be loaded.')} />
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </section>
    );
  }
  if (renderError !== undefined) {
    return (
      <section>
        <h1>{view.title}</h1>
        <ErrorMessage error={renderError} />
        <button type="button" onClick={reset}>
          Try again
        </button>
      </section>
    );
  }
  if (phase === 'locked') return <KeyMissing title={view.title} />;
  return Loaded && phase === 'open' ? <Loaded route={route} /> : <Loading label={`${view.title} is loading`} />;
}
