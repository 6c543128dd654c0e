export const THEMES = ['system', 'light', 'dark'] as const;
/** What a user has chosen; `system` follows the system. */
export type ThemeChoice = (typeof THEMES)[number];

const STORAGE_KEY = 'panelvec-theme';

/** The theme that was chosen in this browser; that of the system where none was, or where storage is blocked. */
export function storedTheme(): ThemeChoice {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return THEMES.find((theme) => theme === stored) ?? 'system';
  } catch {
    return 'system';
  }
}

export function storeTheme(theme: ThemeChoice): void {
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Where storage is blocked, the choice lasts as long as the page.
  }
}

export function applyTheme(theme: ThemeChoice): void {
  if (theme === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset['theme'] = theme;
}
