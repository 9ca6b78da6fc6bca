import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { NotFoundError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { defineTool } from '#shared/tools/define-tool.ts'
import type { FunctionCall } from '#shared/tools/function-caller.ts'
import { handler as orderStatus } from '../../../functions/tools/order-status/handler.ts'
import { handler as weather } from '../../../functions/tools/weather/handler.ts'

const aCall = (input: unknown): FunctionCall => ({
  arguments: input,
  idempotencyKey: 'e1:c1',
  tenant: 'acme',
  agentId: 'researcher',
  executionId: 'e1',
  callId: 'c1',
})

function setUp(handle: (input: { id: string }, context: object) => unknown) {
  const log = memoryLog()
  const tool = defineTool({ name: 'find', description: 'Finds.', parameters: z.object({ id: z.string() }), handle }, log)
  return { tool, log }
}

describe('defineTool', () => {
  it('gives its code what was asked, and by whom', async () => {
    const { tool } = setUp((input, context) => ({ input, context }))
    const { arguments: _, ...context } = aCall({})

    expect(await tool(aCall({ id: 'a' }))).toEqual({ result: { input: { id: 'a' }, context } })
  })

  it.each([[undefined], [null], [{}], [{ id: 7 }]])('answers wrong arguments with what is wrong: %j', async (input) => {
    const { tool } = setUp(() => 'never')

    expect(await tool(aCall(input))).toMatchObject({ error: { code: 'validation_error' } })
  })

  it('tells of errors that may be told, and logs all others', async () => {
    const { tool, log } = setUp(({ id }) => {
      throw id === 'known' ? new NotFoundError('order', id) : new Error('password is hunter2')
    })

    expect(await tool(aCall({ id: 'known' }))).toEqual({ error: { code: 'not_found', message: 'order "known" does not exist' } })
    expect(await tool(aCall({ id: 'other' }))).toEqual({ error: { code: 'internal', message: 'the tool failed' } })
    expect(log.lines).toMatchObject([{ code: 'tool_failed', fields: { toolName: 'find', callId: 'c1' } }])
  })

  it('answers nothing as null', async () => {
    expect(await setUp(() => undefined).tool(aCall({ id: 'a' }))).toEqual({ result: null })
  })
})

describe('the examples', () => {
  it('answer the same to the same', async () => {
    const [one, two] = [await weather(aCall({ city: 'Oslo' })), await weather(aCall({ city: 'oslo' }))]

    expect(one).toMatchObject({ result: { city: 'Oslo', celsius: expect.any(Number), sky: expect.any(String) } })
    expect({ ...two }).toMatchObject({ result: { sky: 'result' in one && (one.result as { sky: string }).sky } })
    expect(await orderStatus(aCall({ orderId: 'a-1001' }))).toEqual({
      result: { orderId: 'A-1001', status: 'packed', parcels: 3 },
    })
    expect(await orderStatus(aCall({ orderId: 'A-1' }))).toMatchObject({ error: { code: 'not_found' } })
  })
})
