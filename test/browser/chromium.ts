import { type Browser, chromium } from 'playwright-core'
import { findChromium } from '../../scripts/ensure-chromium.ts'

/** Starts the machine's Chromium; without a sandbox, which root cannot have. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('Chromium is missing: install it, or set CHROMIUM_PATH')
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  })
}
