import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import type { AskOptions } from '#shared/tools/ask-agent.ts'
import type { FunctionCall } from '#shared/tools/function-caller.ts'
import type { ToolDependencies } from '#shared/tools/tool-dependencies.ts'
import { toolboxes } from '#shared/tools/toolboxes.ts'
import { aToolCaller, callTool, makeCall, toolDependencies } from '../../helpers/tools.ts'

const never = new AbortController().signal
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }

const weather = (overrides: object = {}): Tool =>
  ({ type: 'lambda', name: 'weather', description: 'Weather.', parameters, function: 'weather', ...overrides }) as Tool

const setUp = async (tools: readonly Tool[], overrides: Partial<ToolDependencies> = {}) => {
  const dependencies = toolDependencies(overrides)
  const toolbox = await toolboxes(dependencies).open(tools, aToolCaller(), never)
  return { toolbox, log: dependencies.logger }
}

describe('check', () => {
  it('lets a call through whose arguments fit', async () => {
    const { toolbox } = await setUp([weather()])

    expect(toolbox.check({ callId: 'c1', toolName: 'weather', arguments: '{"city":"Oslo"}' })).toEqual({
      ok: true,
      call: { callId: 'c1', toolName: 'weather', arguments: { city: 'Oslo' }, repeatable: true },
    })
  })

  it.each([
    [{ approval: 'always' }, 3_600],
    [{ approval: 'always', approvalTimeoutSeconds: 60 }, 60],
    [{ approval: 'never' }, undefined],
  ])('says that a person decides: %j', async (settings, seconds) => {
    const { toolbox } = await setUp([weather(settings)])

    const checked = toolbox.check({ callId: 'c1', toolName: 'weather', arguments: '{"city":"Oslo"}' })

    expect(checked.ok && checked.call.approvalTimeoutSeconds).toBe(seconds)
  })

  it.each([
    ['sing', '{}', 'There is no tool "sing". Those that there are: weather.'],
    ['weather', '{"city":', 'The arguments are wrong: they are not JSON'],
    ['weather', '"Oslo"', 'they must be a JSON object'],
    ['weather', '[]', 'they must be a JSON object'],
    ['weather', '', '"(all)"'],
    ['weather', '{"city":7}', '"city"'],
    ['weather', '{"city":"Oslo","day":1}', '"day"'],
    ['weather', '{"city":"Oslo","__proto__":{}}', '__proto__'],
    ['weather', `{"city":"${'x'.repeat(20_000)}"}`, 'may have 16384'],
    ['weather', `{"city":${'['.repeat(8_000)}${']'.repeat(8_000)}}`, 'deeper than 30 levels'],
  ])('tells the model how to mend %s(%s)', async (toolName, json, said) => {
    const { toolbox } = await setUp([weather()])

    const checked = toolbox.check({ callId: 'c1', toolName, arguments: json })

    expect(checked).toMatchObject({ ok: false, result: { isError: true, content: expect.stringContaining(said) } })
  })
})

describe('run', () => {
  it('calls a function with the arguments, the key and whom it is for', async () => {
    const calls: [string, FunctionCall][] = []
    const { toolbox } = await setUp([weather()], {
      callFunction: async (name, call) => {
        calls.push([name, call])
        return { result: { celsius: 3 } }
      },
    })

    expect(await callTool(toolbox, 'weather', { city: 'Oslo' }, { key: 'e1:c1' })).toEqual({
      content: '{"celsius":3}',
      isError: false,
    })
    const { tenant, agentId, executionId } = aToolCaller()
    expect(calls).toEqual([
      ['weather', { arguments: { city: 'Oslo' }, idempotencyKey: 'e1:c1', tenant, agentId, executionId, callId: 'call_1' }],
    ])
  })

  it('tells what a function says went wrong', async () => {
    const { toolbox } = await setUp([weather()], {
      callFunction: async () => ({ error: { code: 'not_found', message: 'no such city' } }),
    })

    expect(await callTool(toolbox, 'weather', { city: 'X' })).toEqual({ content: 'not_found: no such city', isError: true })
  })

  it('gives the answer of another agent: its data, or its text', async () => {
    const tool: Tool = { type: 'agent', name: 'ask', description: 'Asks.', agentId: 'expert' }
    const withText = await setUp([tool], { askAgent: async () => ({ status: 'completed', text: 'A gate.' }) })
    const withData = await setUp([tool], { askAgent: async () => ({ status: 'completed', text: '', data: { a: 1 } }) })
    const failed = await setUp([tool], { askAgent: async () => ({ status: 'failed', code: 'timeout', detail: 'too slow' }) })

    expect((await callTool(withText.toolbox, 'ask', { content: 'What?' })).content).toBe('A gate.')
    expect((await callTool(withData.toolbox, 'ask', { content: 'What?' })).content).toBe('{"a":1}')
    expect(await callTool(failed.toolbox, 'ask', { content: 'What?' })).toEqual({
      content: 'the agent "expert" failed: timeout: too slow',
      isError: true,
    })
  })

  describe('of another agent that takes its time', () => {
    const NOW = Date.parse('2026-11-21T14:05:33.000Z')
    const HOUR_MS = 3_600_000

    /** How it is asked, when its caller comes to it some time after the first call. */
    const asked = async ({ settings = {}, elapsedMs }: { settings?: object; elapsedMs?: number }) => {
      const tool: Tool = { type: 'agent', name: 'ask', description: 'Asks.', agentId: 'expert', ...settings }
      const waits: AskOptions[] = []
      const { toolbox } = await setUp([tool], {
        clock: { now: () => NOW },
        askAgent: async (_question, _signal, options = {}) => {
          waits.push(options)
          return { status: 'pending' }
        },
      })
      const startedAt = elapsedMs === undefined ? undefined : NOW - elapsedMs
      return { outcome: await makeCall(toolbox, 'ask', { content: 'What?' }, { ...(startedAt && { startedAt }) }), waits }
    }

    it('is left pending after ten seconds, and has an hour', async () => {
      const { outcome, waits } = await asked({})

      expect(outcome).toEqual({ status: 'pending', startedAt: NOW, until: NOW + HOUR_MS })
      expect(waits).toEqual([{ patienceMs: 10_000, again: false }])
    })

    it.each([
      ['has what is left of its patience', { elapsedMs: 4_000 }, 6_000],
      ['is looked at alone when that is over', { elapsedMs: 60_000 }, 0],
      ['is waited for to its end when that is near', { elapsedMs: HOUR_MS - 5_000 }, Number.POSITIVE_INFINITY],
      [
        'is waited for when it has no longer than that',
        { elapsedMs: 0, settings: { timeoutSeconds: 9 } },
        Number.POSITIVE_INFINITY,
      ],
    ])('%s', async (_, call, patienceMs) => {
      const { outcome, waits } = await asked(call)

      expect(outcome).toMatchObject({ status: 'pending', startedAt: NOW - call.elapsedMs })
      expect(waits).toEqual([{ patienceMs, again: true }])
    })

    it('is asked once more when its time is over, and ends as it did', async () => {
      const tool: Tool = { type: 'agent', name: 'ask', description: 'Asks.', agentId: 'expert' }
      const { toolbox } = await setUp([tool], {
        async askAgent(_question, signal) {
          await once(signal, 'abort')
          return { status: 'completed', text: 'At the last moment.' }
        },
      })

      expect(await callTool(toolbox, 'ask', { content: 'What?' }, { startedAt: 0 })).toEqual({
        content: 'At the last moment.',
        isError: false,
      })
    })
  })

  it('hides what nobody should read, and logs it', async () => {
    const { toolbox, log } = await setUp([weather()], {
      callFunction: async () => {
        throw new TypeError('x is not a function at /var/task/index.mjs:7')
      },
    })

    expect(await callTool(toolbox, 'weather', { city: 'X' })).toEqual({ content: 'internal: the tool failed', isError: true })
    expect(log.lines).toMatchObject([{ level: 'error', code: 'tool_failed', fields: { toolName: 'weather', callId: 'call_1' } }])
  })

  it('gives up after its time, though the tool ignores the signal', async () => {
    const { toolbox } = await setUp([weather({ timeoutSeconds: 0.05 })], { callFunction: () => new Promise(() => undefined) })

    expect(await callTool(toolbox, 'weather', { city: 'X' })).toEqual({
      content: 'timeout: no answer within 0.05 s',
      isError: true,
    })
  })

  it('throws the reason of its signal, and nothing else', async () => {
    const controller = new AbortController()
    const reason = new SluiceError('cancelled', 'cancelled on request')
    const { toolbox } = await setUp([weather()], {
      callFunction: async () => {
        controller.abort(reason)
        throw new Error('the socket was closed')
      },
    })

    await expect(callTool(toolbox, 'weather', { city: 'X' }, { signal: controller.signal })).rejects.toBe(reason)
  })

  it('runs calls at the same time, each with its own time', async () => {
    const { toolbox } = await setUp([weather({ timeoutSeconds: 0.2 })], {
      callFunction: async (_, call) =>
        (call.arguments as { city: string }).city === 'slow' ? new Promise(() => undefined) : { result: 'sunny' },
    })

    const results = await Promise.all(['slow', 'Oslo'].map((city) => callTool(toolbox, 'weather', { city })))

    expect(results.map(({ isError }) => isError)).toEqual([true, false])
  })

  it('cuts what is too long, between characters', async () => {
    const { toolbox } = await setUp([weather({ maxResultBytes: 256 })], {
      callFunction: async () => ({ result: '€'.repeat(500) }),
    })

    const { content } = await callTool(toolbox, 'weather', { city: 'X' })

    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(256)
    expect(content).toMatch(/^€+\n\[cut: (\d+) of 1500 bytes are left out\]$/)
  })
})

describe('open', () => {
  it('refuses two tools of one name, naming it', async () => {
    await expect(setUp([weather(), weather()])).rejects.toMatchObject({ code: 'validation_error' })
  })

  it('names the tool that cannot be had', async () => {
    const fetchTool: Tool = { type: 'builtin', name: 'fetch' }

    await expect(setUp([weather(), fetchTool])).rejects.toMatchObject({ message: expect.stringContaining('the tool "fetch"') })
  })
})
