import '@picocss/pico/css/pico.min.css';
import './app/app.css';
import { render } from 'preact';
import { App } from './app/app.tsx';
import { applyTheme, storedTheme } from './app/theme.ts';

applyTheme(storedTheme());
const root = document.getElementById('app');
if (root) render(<App />, root);
