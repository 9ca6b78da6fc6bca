import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { PROJECT_ROOT } from '../environment.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Runs a command; undefined when it is missing or fails. */
export type Run = (command: string, args: string[]) => Promise<string | undefined>
export type Exists = (path: string) => boolean

const NODE_MAJOR = 24
const NPM_MAJOR = 10
const BIN = join(PROJECT_ROOT, 'node_modules', '.bin')

/** Executables that stand for the packages of the two commands; one missing means that `npm ci` did not run to its end. */
const EXECUTABLES = ['cdk', 'esbuild', 'vite', 'vitest']

/** The Node that the npm scripts and the local functions run on, not the one of the machine. */
export async function checkNode(run: Run): Promise<Finding> {
  const version = await run(join(BIN, 'node'), ['--version'])
  if (version === undefined) {
    return fail(
      'node',
      'the project has no Node of its own',
      'npm ci; install scripts must be allowed (npm config get ignore-scripts)',
    )
  }
  if (majorOf(version) === NODE_MAJOR) return ok('node', `${version} in node_modules`)
  return fail('node', `${version} in node_modules, ${NODE_MAJOR} is needed`, 'npm ci')
}

export async function checkNpm(run: Run): Promise<Finding> {
  const version = (await run('npm', ['--version', '--loglevel=silent']))?.split('\n')[0]
  if (version === undefined) return fail('npm', 'not on the PATH', 'install Node.js with npm: https://nodejs.org')
  if (majorOf(version) >= NPM_MAJOR) return ok('npm', version)
  return warn('npm', `${version} is old`, `npm install --global npm@${NPM_MAJOR + 1}`)
}

export function checkDependencies(exists: Exists): Finding {
  const missing = EXECUTABLES.filter((name) => !exists(join(BIN, name)))
  if (missing.length === 0) return ok('packages', 'installed')
  return fail('packages', `not installed: ${missing.join(', ')}`, 'npm ci')
}

const PYTHONS = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']
/** Fails where a virtual environment could not be made. */
const PYTHON_PROBE = 'import sys, venv, ensurepip; print(*sys.version_info[:3], sep=".")'

export async function checkPython(run: Run, endpointUrl: string | undefined): Promise<Finding> {
  for (const command of PYTHONS) {
    const version = await run(command, ['-c', PYTHON_PROBE])
    if (version !== undefined && /^3\.\d{2,}\./.test(version)) return ok('python', `${version} with venv (${command})`)
  }
  const detail = 'no Python 3.10 or newer with venv on the PATH'
  const advice = 'Debian/Ubuntu: sudo apt-get install python3 python3-venv · macOS: brew install python'
  // Somebody else's emulator serves `npm start`; the tests bring their own all the same.
  return endpointUrl === undefined ? fail('python', detail, advice) : warn('python', `${detail}; npm test needs it`, advice)
}

/** Where distributions put the browser. */
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']

/** @param isRoot - then the browser tests may install it with apt */
export function checkChromium(exists: Exists, chosen: string | undefined, isRoot: boolean): Finding {
  const browser = [chosen, ...BROWSERS].find((path) => path !== undefined && exists(path))
  if (browser !== undefined) return ok('chromium', browser)
  if (isRoot && exists('/usr/bin/apt-get'))
    return warn('chromium', 'missing; npm test installs it', 'apt-get install chromium does it now')
  const advice = 'npm start goes without: install Chromium, or set CHROMIUM_PATH to a Chrome or Chromium'
  return fail('chromium', 'missing; the browser tests of npm test need it', advice)
}

/** For the contract tests on DynamoDB Local, which are left out without them. */
export async function checkJava(run: Run): Promise<Finding[]> {
  const advice = 'optional; Debian/Ubuntu: sudo apt-get install default-jre-headless maven'
  const [java, maven] = await Promise.all([run('java', ['-version']), run('mvn', ['--version'])])
  return [
    java === undefined ? warn('java', 'missing; npm test leaves DynamoDB Local out', advice) : ok('java', firstLine(java)),
    maven === undefined ? warn('maven', 'missing; npm test leaves DynamoDB Local out', advice) : ok('maven', firstLine(maven)),
  ]
}

const firstLine = (text: string): string => stripVTControlCharacters(text.split('\n')[0] ?? text)
const majorOf = (version: string): number => Number.parseInt(version.replace(/^v/, ''), 10)
