import { type Browser, chromium } from 'playwright-core'
import { findChromium } from '../../scripts/ensure-chromium.ts'

/** How long a busy machine may take for its start, in milliseconds. */
const START_MS = 120_000

/** Starts the machine's Chromium; without a sandbox, which root cannot have. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('Chromium is missing: install it, or set CHROMIUM_PATH')
  return chromium.launch({
    executablePath,
    timeout: START_MS,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  })
}
