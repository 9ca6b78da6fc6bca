import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { toolSchema } from '#shared/protocol/tool.ts'
import { main } from '../../../../cli/main.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

const directory = mkdtempSync(join(tmpdir(), 'sluice-tools-'))
const file = join(directory, 'shop.json')

afterEach(() => rmSync(directory, { recursive: true, force: true }))

const SHOP = {
  openapi: '3.0.3',
  servers: [{ url: 'https://shop.example.com' }],
  paths: { '/orders': { get: { operationId: 'listOrders' } } },
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
    expect(await run('from-openapi', file)).toMatchObject({ exitCode: 2, err: expect.stringContaining('which operation?') })
  })

  it.each([[[]], [['sing']], [['from-openapi']], [['from-openapi', 'nowhere.json', '--operation', 'x']]])(
    'refuses %j',
    async (args) => {
      expect(await run(...args)).toMatchObject({ exitCode: 2, out: '' })
    },
  )
})
