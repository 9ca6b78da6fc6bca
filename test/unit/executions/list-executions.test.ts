import { describe, expect, it } from 'vitest'
import { listExecutions } from '#shared/executions/list-executions.ts'
import type { ExecutionStatus } from '#shared/protocol/execution.ts'
import { ASSISTANT, admissionWorld } from '../../helpers/admission.ts'

async function withExecutions(count: number, input: unknown = null) {
  const world = admissionWorld()
  for (let index = 0; index < count; index++) {
    const record = await world.aNew({ executionId: `e${index}`, input })
    if (index % 10 === 0) await world.begin(record)
  }
  const list = ({ status, ...page }: { status?: ExecutionStatus; limit: number; after?: string | undefined }) =>
    listExecutions(world.executions, ASSISTANT.tenant, { agentId: ASSISTANT.agentId, status }, page)
  /** Every page, by the cursors. */
  async function all(page: { status?: ExecutionStatus; limit: number }): Promise<string[][]> {
    const pages: string[][] = []
    for (let after: string | undefined; ; ) {
      const { executions, next } = await list({ ...page, after })
      pages.push(executions.map(({ executionId }) => executionId))
      if (next === undefined) return pages
      after = next
    }
  }
  return { world, list, all }
}

describe('listExecutions', () => {
  it('gives the newest first, each once, page by page', async () => {
    const { all } = await withExecutions(45)

    const pages = await all({ limit: 20 })

    expect(pages.map((page) => page.length)).toEqual([20, 20, 5])
    expect(pages.flat()).toEqual(Array.from({ length: 45 }, (_, index) => `e${44 - index}`))
  })

  it('finds the few of a status among the many', async () => {
    const { list } = await withExecutions(150)

    const { executions, next } = await list({ status: 'running', limit: 20 })

    expect(executions.map(({ executionId }) => executionId)).toEqual(
      Array.from({ length: 15 }, (_, index) => `e${140 - index * 10}`),
    )
    expect(next).toBeUndefined()
  })

  it('gives up a page that would take too many reads, and goes on with the next', async () => {
    const { all } = await withExecutions(450)

    const pages = await all({ status: 'running', limit: 100 })

    expect(pages.length).toBeGreaterThan(1)
    expect(pages.flat()).toHaveLength(45)
  })

  it('keeps a page below what a function can answer with', async () => {
    const { all } = await withExecutions(60, 'x'.repeat(200_000))

    const pages = await all({ limit: 60 })

    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(20)
    expect(pages.flat()).toHaveLength(60)
  })

  it('knows nothing of other agents and tenants', async () => {
    const { world, list } = await withExecutions(1)
    await world.aNew({ agentId: 'other' })
    await world.aNew({ tenant: 'globex' })

    expect((await list({ limit: 10 })).executions).toHaveLength(1)
  })

  it('refuses a foreign cursor', async () => {
    const { list } = await withExecutions(1)

    await expect(list({ limit: 10, after: 'not a cursor' })).rejects.toMatchObject({ code: 'validation_error' })
  })
})
