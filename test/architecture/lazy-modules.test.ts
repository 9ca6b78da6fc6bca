import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** Rooms that workers go through in tests whose time does not wait for a module that is being read. */
const ROOMS = ['executions', 'prompts', 'reasoning', 'tools']
const LAZY = /import\('(?:\.|#shared\/(\w+))\/([\w-]+\.ts)'\)/g
/** Adapters, which those tests do without. */
const OF_A_TECHNOLOGY = /^(dynamo|mcp)-/

const lazilyLoaded = ROOMS.flatMap((room) =>
  globSync(`shared/${room}/*.ts`).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(LAZY)]
      .filter(([, , name = '']) => !OF_A_TECHNOLOGY.test(name))
      .map(([, other = room, name]) => `#shared/${other}/${name}`),
  ),
)

describe('test/helpers/lazy-modules.ts', () => {
  it('imports every module that the rooms of the work load on demand', () => {
    const source = readFileSync('test/helpers/lazy-modules.ts', 'utf8')

    expect(lazilyLoaded).toContain('#shared/reasoning/reflection.ts')
    expect(lazilyLoaded.filter((module) => !source.includes(`'${module}'`))).toEqual([])
  })
})
