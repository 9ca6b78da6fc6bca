import { existsSync } from 'node:fs'
import { run } from './run.ts'

/** Where distributions put the browser. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']

/** Path of the browser: the one that `CHROMIUM_PATH` names, or the machine's; undefined when there is none. */
export const findChromium = (): string | undefined =>
  [process.env.CHROMIUM_PATH ?? '', ...PLACES].find((place) => existsSync(place))

/**
 * The browser tests drive a Chromium that is there, or that apt can install for root.
 *
 * @throws Error saying what to install
 */
export async function ensureChromium(): Promise<void> {
  if (findChromium()) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('installing chromium with apt-get …')
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    await run('apt-get', ['update', '-q'], { env, limitSeconds: 120 })
    const { output } = await run('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium'], { env, limitSeconds: 300 })
    if (findChromium()) return
    console.error(output.slice(-2_000))
  }
  throw new Error('Chromium is missing: install it ("apt-get install chromium"), or set CHROMIUM_PATH to a Chrome or Chromium')
}
