import { beforeAll, describe, expect, inject, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { toolFunctionName } from '#shared/platform/names.ts'
import type { FunctionCall, FunctionCaller } from '#shared/tools/function-caller.ts'
import { lambdaFunctionCaller } from '#shared/tools/lambda-function-caller.ts'
import { deployStack, emulatorClientOptions, functionResource } from '../../helpers/emulator-stack.ts'

const SOURCES = {
  mirror: 'exports.handler = async (call) => ({ result: call })',
  refuses: "exports.handler = async () => ({ error: { code: 'not_found', message: 'no such order' } })",
  breaks: "exports.handler = async () => { throw new Error('stack at /var/task/secret.mjs') }",
  chats: "exports.handler = async () => 'hello'",
  hangs: 'exports.handler = () => new Promise((done) => setTimeout(done, 10000))',
}

const aCall: FunctionCall = {
  arguments: { city: 'Oslo' },
  idempotencyKey: 'e1:c1',
  tenant: 'acme',
  agentId: 'researcher',
  executionId: 'e1',
  callId: 'c1',
}
const never = new AbortController().signal

describe('lambdaFunctionCaller, with functions that were deployed', () => {
  const endpoint = inject('emulatorUrl')
  const platform = `contract-${newId().slice(-8)}`
  let callFunction: FunctionCaller

  beforeAll(async () => {
    const resources = Object.entries(SOURCES).map(([id, source]) => {
      const { Type, Properties } = functionResource(source)
      return [id, { Type, Properties: { ...Properties, FunctionName: toolFunctionName(platform, id) } }] as const
    })
    await deployStack(endpoint, Object.fromEntries(resources), {})
    callFunction = lambdaFunctionCaller(platform, emulatorClientOptions(endpoint))
  })

  it('gives them the call, and their answer back', async () => {
    expect(await callFunction('mirror', aCall, never)).toEqual({ result: aCall })
    expect(await callFunction('refuses', aCall, never)).toEqual({ error: { code: 'not_found', message: 'no such order' } })
  })

  it('says that one broke down, and nothing of how', async () => {
    await expect(callFunction('breaks', aCall, never)).rejects.toMatchObject({
      code: 'provider_error',
      message: 'the function "breaks" broke down',
    })
  })

  it('takes nothing else for an answer', async () => {
    await expect(callFunction('chats', aCall, never)).rejects.toMatchObject({ code: 'provider_error', retryable: false })
  })

  it('names one that the stage does not have', async () => {
    await expect(callFunction('nothing', aCall, never)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('waits no longer than it may', async () => {
    const controller = new AbortController()
    const reason = new Error('the time is up')

    const calling = callFunction('hangs', aCall, controller.signal)
    controller.abort(reason)

    await expect(calling).rejects.toBe(reason)
  })
})
