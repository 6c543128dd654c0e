import '@picocss/pico/css/pico.min.css';
import './app/app.css';
import { render } from 'preact';
import { loadAccess } from './api/access.ts';
import { App } from './app/app.tsx';
import { applyTheme, storedTheme } from './app/theme.ts';

applyTheme(storedTheme());
void loadAccess();
const root = document.getElementById('app');
if (root) render(<App />, root);
