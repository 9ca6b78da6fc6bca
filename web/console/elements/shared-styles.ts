import { css } from 'lit'

/** Controls and text as every element of the console has them. */
export const sharedStyles = css`
  *, *::before, *::after { box-sizing: border-box; }
  [hidden] { display: none !important; }
  h1 { margin: 0; font-size: 1.375rem; line-height: 1.25; letter-spacing: -0.015em; font-weight: 650; overflow-wrap: anywhere; }
  h2 { margin: 0; font-size: 1rem; line-height: 1.4; font-weight: 600; overflow-wrap: anywhere; }
  p { margin: 0; }
  a { color: var(--accent); text-underline-offset: 0.2em; }
  code, pre { font-family: var(--mono); font-size: 0.875em; }
  .soft { color: var(--ink-soft); }
  .small { font-size: 0.8125rem; line-height: 1.5; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  button { font: inherit; font-weight: 550; line-height: 1.25; color: var(--ink); background: var(--surface);
    border: 1px solid var(--line-strong); border-radius: 0.5rem; padding: 0.5rem 0.875rem; cursor: pointer; min-height: 2.5rem; }
  button:hover:not(:disabled) { background: var(--sunken); }
  button:disabled { opacity: 0.5; cursor: default; }
  button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
  button.primary:hover:not(:disabled) { background: color-mix(in oklab, var(--accent), var(--ink) 15%); }
  button.quiet { background: none; border-color: transparent; color: var(--ink-soft); padding-inline: 0.625rem; }
  button.quiet:hover:not(:disabled) { background: var(--sunken); color: var(--ink); }
  label { font-weight: 550; }
  input, select, textarea { font: inherit; color: inherit; background: var(--surface); border: 1px solid var(--line-strong);
    border-radius: 0.5rem; padding: 0.5rem 0.75rem; width: 100%; min-width: 0; }
  input:focus-visible, select:focus-visible, textarea:focus-visible { outline-offset: 0; border-color: var(--accent); }
  [aria-invalid='true'] { border-color: var(--bad); }
  .card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
  .column { width: 100%; max-width: 48rem; margin-inline: auto; padding: 1.5rem 1rem 3rem; display: grid; gap: 1.25rem; align-content: start; }
  .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
  }
`
