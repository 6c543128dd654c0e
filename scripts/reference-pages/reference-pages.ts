import path from 'node:path';
import { renderApiPage } from './api-page.ts';
import { renderCommandsPage } from './commands-page.ts';
import { renderMetricsPage } from './metrics-page.ts';
import { renderSettingsPage } from './settings-page.ts';

export const REFERENCE_FOLDER = path.join(import.meta.dirname, '../../docs/reference');

/** The generated pages by the names of their files. */
export function renderReferencePages(): Map<string, string> {
  return new Map([
    ['calls.md', renderApiPage()],
    ['settings.md', renderSettingsPage()],
    ['metrics.md', renderMetricsPage()],
    ['commands.md', renderCommandsPage()],
  ]);
}
