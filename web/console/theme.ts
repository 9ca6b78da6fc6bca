/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark'

const KEY = 'sluice.theme'
const THEMES: readonly Theme[] = ['auto', 'light', 'dark']

export function loadTheme(): Theme {
  return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto'
}

/** Shows the page in a theme and remembers it for the next visit. */
export function applyTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme)
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
}
