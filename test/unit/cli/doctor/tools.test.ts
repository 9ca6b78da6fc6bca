import { describe, expect, it } from 'vitest'
import {
  checkChromium,
  checkDependencies,
  checkJava,
  checkNode,
  checkNpm,
  checkPython,
  type Run,
} from '../../../../cli/doctor/tools.ts'

/** A machine whose commands print this; what is not named is missing. */
const machine =
  (commands: Record<string, string>): Run =>
  async (command) =>
    commands[command.split('/').at(-1) ?? '']
const bare = machine({})
const nothing = () => false

describe('node', () => {
  it.each([
    ['v24.21.0', 'ok'],
    ['v20.1.0', 'fail'],
  ])('%s is %s', async (node, status) => {
    expect(await checkNode(machine({ node }))).toMatchObject({ status })
  })

  it('must be in node_modules', async () => {
    expect(await checkNode(bare)).toMatchObject({ status: 'fail', advice: expect.stringContaining('npm ci') })
  })
})

describe('npm', () => {
  it.each([
    ['11.19.1', 'ok'],
    ['10.8.2', 'ok'],
    ['9.2.0\nnotice', 'warn'],
  ])('%j is %s', async (npm, status) => {
    expect(await checkNpm(machine({ npm }))).toMatchObject({ status })
  })

  it('must be there', async () => {
    expect(await checkNpm(bare)).toMatchObject({ status: 'fail' })
  })
})

describe('packages', () => {
  it('are there, or npm ci brings them', () => {
    expect(checkDependencies(() => true)).toMatchObject({ status: 'ok' })
    expect(checkDependencies((path) => !path.endsWith('vitest'))).toMatchObject({
      status: 'fail',
      detail: 'not installed: vitest',
      advice: 'npm ci',
    })
  })
})

describe('python', () => {
  it.each([
    [{ python3: '3.11.2' }, 'ok'],
    [{ python3: '3.9.2', 'python3.12': '3.12.1' }, 'ok'],
    [{ python3: '3.9.2' }, 'fail'],
    [{}, 'fail'],
  ])('%j is %s', async (commands, status) => {
    expect(await checkPython(machine(commands), undefined)).toMatchObject({ status })
  })

  it('is not needed to start where an emulator runs already', async () => {
    expect(await checkPython(bare, 'http://localhost:4566')).toMatchObject({ status: 'warn' })
  })
})

describe('chromium', () => {
  it('is where distributions put it, or where CHROMIUM_PATH says', () => {
    expect(checkChromium((path) => path === '/usr/bin/chromium', undefined, false)).toMatchObject({ detail: '/usr/bin/chromium' })
    expect(checkChromium((path) => path === '/opt/chrome', '/opt/chrome', false)).toMatchObject({
      status: 'ok',
      detail: '/opt/chrome',
    })
  })

  it('is installed by the tests where they may', () => {
    expect(checkChromium((path) => path === '/usr/bin/apt-get', undefined, true)).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('npm test installs it'),
    })
    expect(checkChromium(nothing, undefined, false)).toMatchObject({
      status: 'fail',
      advice: expect.stringContaining('CHROMIUM_PATH'),
    })
  })
})

describe('java and maven', () => {
  it('are optional, and shown without the colours that Maven prints', async () => {
    const mvn = '\u001b[1mApache Maven 3.8.7\u001b[m\nMaven home: /usr/share/maven'

    expect(await checkJava(machine({ java: 'openjdk version "17"', mvn }))).toEqual([
      { check: 'java', status: 'ok', detail: 'openjdk version "17"' },
      { check: 'maven', status: 'ok', detail: 'Apache Maven 3.8.7' },
    ])
    expect((await checkJava(bare)).map(({ status }) => status)).toEqual(['warn', 'warn'])
  })
})
