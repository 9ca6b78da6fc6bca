import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { toolSchema } from '#shared/protocol/tool.ts'
import { main } from '../../../../cli/main.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

const directory = mkdtempSync(join(tmpdir(), 'sluice-tools-'))
const file = join(directory, 'shop.json')

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const SHOP = {
  openapi: '3.0.3',
  servers: [{ url: 'https://shop.example.com' }],
  paths: { '/orders': { get: { operationId: 'listOrders', summary: 'Reads all orders.' }, post: {} } },
}

async function run(...args: string[]) {
  const context = cliContext()
  const exitCode = await main(['tools', ...args], context)
  return { exitCode, out: context.out(), err: context.err() }
}

describe('tools from-openapi', () => {
  it('prints tools as definitions take them, and says what is wrong otherwise', async () => {
    writeFileSync(file, JSON.stringify(SHOP))

    const { exitCode, out } = await run('from-openapi', file, '--operation', 'listOrders')

    expect(exitCode).toBe(0)
    expect(JSON.parse(out).map((tool: unknown) => toolSchema.parse(tool))).toMatchObject([{ type: 'http', name: 'listOrders' }])
    expect(await run('from-openapi', file, '--operation', 'sing')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('listOrders'),
    })
  })

  it('lists the operations when none is picked, and says how to pick one', async () => {
    writeFileSync(file, JSON.stringify(SHOP))

    const { exitCode, out, err } = await run('from-openapi', file)

    expect(exitCode).toBe(0)
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['OPERATION', 'METHOD', 'PATH', 'SUMMARY'],
      ['listOrders', 'GET', '/orders', 'Reads all orders.'],
      ['-', 'POST', '/orders'],
      [''],
    ])
    expect(err).toContain('--operation <operationId>')
    expect(JSON.parse((await run('from-openapi', file, '--json')).out).operations[0]).toEqual({
      operationId: 'listOrders',
      method: 'GET',
      path: '/orders',
      summary: 'Reads all orders.',
    })
  })

  it('says that a description has none', async () => {
    writeFileSync(file, JSON.stringify({ ...SHOP, paths: {} }))

    expect(await run('from-openapi', file)).toMatchObject({ exitCode: 0, out: '', err: expect.stringContaining('no operations') })
  })

  it.each([
    ['openapi: 3.0.3', 'is not JSON'],
    ['{"swagger":"2.0"}', 'no description that can be used'],
  ])('refuses a file with %j before it asks for an operation', async (content, words) => {
    writeFileSync(file, content)

    expect(await run('from-openapi', file)).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining(words) })
  })

  it.each([
    [[], 'out of what?'],
    [['sing'], '"tools sing" does not exist'],
    [['from-openapi'], 'which file?'],
    [['from-openapi', 'nowhere.json'], 'no such file'],
    [['from-openapi', 'nowhere.json', '--operation', 'x'], 'no such file'],
  ])('refuses %j', async (args, words) => {
    expect(await run(...args)).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining(words) })
  })
})
