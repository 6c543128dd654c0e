import { useState } from 'preact/hooks';
import { forgetKey } from '../api/access.ts';
import { useAccess } from '../api/use-access.ts';
import { KeyDialog } from './key-dialog.tsx';
import { useRoute } from './route.ts';
import { applyTheme, storedTheme, storeTheme, THEMES } from './theme.ts';
import { ViewFrame } from './view-frame.tsx';
import { findView, VIEWS } from './views.ts';

/** The frame of every view: skip link, navigation, key, theme, and the view of the address. */
export function App() {
  const route = useRoute();
  const view = findView(route.view);
  const access = useAccess();
  return (
    <>
      <button type="button" class="skip-link" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <header class="site-header">
        <a class="brand" href="#/">
          panelvec
        </a>
        <nav aria-label="Views">
          <ul>
            {VIEWS.map(({ name, title }) => (
              <li key={name}>
                <a href={`#/${name}`} aria-current={view?.name === name ? 'page' : undefined}>
                  {title}
                </a>
              </li>
            ))}
            <li>
              <a href="/docs">API</a>
            </li>
          </ul>
        </nav>
        {access.key !== undefined && (
          <button
            type="button"
            class="key-button secondary outline"
            title={access.access?.key?.name}
            onClick={forgetKey}
          >
            Forget key
          </button>
        )}
        <ThemeSwitch />
      </header>
      <main id="main" tabIndex={-1}>
        {view ? (
          <ViewFrame key={view.name} view={view} route={route} />
        ) : (
          <section>
            <h1>There is no such view</h1>
            <p>
              Nothing is at “{route.view}”. <a href="#/">Go to the search.</a>
            </p>
          </section>
        )}
      </main>
      {access.isAsking && <KeyDialog access={access} />}
    </>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  const change = () => {
    storeTheme(next);
    applyTheme(next);
    setTheme(next);
  };
  const label = `Theme: ${theme}. Change to ${next}`;
  return (
    <button type="button" class="theme-switch" onClick={change} aria-label={label} title={label}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="9" fill="none" stroke="currentColor" stroke-width="2" />
        {theme === 'system' && <path d="M12 3a9 9 0 0 0 0 18z" fill="currentColor" />}
        {theme === 'dark' && <circle cx="12" cy="12" r="9" fill="currentColor" />}
      </svg>
    </button>
  );
}
