import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toExecution } from '#shared/executions/execution-view.ts'
import type { Execution } from '#shared/protocol/execution.ts'
import type { CliClient } from '../../../../cli/connect.ts'
import { main } from '../../../../cli/main.ts'
import { cliContext } from '../../../helpers/cli-context.ts'
import { anExecution } from '../../../helpers/executions.ts'

const shown = (overrides: Partial<Execution> = {}): Execution => ({
  ...toExecution(anExecution({ executionId: 'e1' })),
  ...overrides,
})

async function run(client: Partial<CliClient>, ...args: string[]) {
  const context = cliContext({ client })
  const exitCode = await main(['executions', ...args], context)
  return { exitCode, out: context.out(), err: context.err() }
}

describe('executions list', () => {
  it('shows a page as a table, and how to go on', async () => {
    const asked: unknown[] = []
    const failed = shown({
      status: 'failed',
      attempt: 3,
      error: { code: 'rate_limit', detail: 'slow down' },
      endedAt: '2026-11-21T10:00:00Z',
    })
    const executions: CliClient['executions'] = async (agentId, { signal: _, ...query } = {}) => {
      asked.push(agentId, query)
      return { executions: [failed, shown({ executionId: 'e2', held: true })], next: 'c1' }
    }

    const { exitCode, out, err } = await run(
      { executions },
      'list',
      'assistant',
      '--status',
      'failed',
      '--limit',
      '2',
      '--after',
      'c0',
    )

    expect(exitCode).toBe(0)
    expect(asked).toEqual(['assistant', { status: 'failed', limit: 2, after: 'c0' }])
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ID', 'STATUS', 'PRIORITY', 'ATTEMPT', 'CREATED', 'ENDED', 'ERROR'],
      ['e1', 'failed', '5', '3', '2026-11-21T09:30:00.000Z', '2026-11-21T10:00:00Z', 'rate_limit'],
      ['e2', 'queued (waiting)', '5', '0', '2026-11-21T09:30:00.000Z'],
      [''],
    ])
    expect(err).toContain('--after c1')
  })

  it('gives the page as JSON', async () => {
    const page = { executions: [shown()], next: 'c1' }

    const { out } = await run({ executions: async () => page }, 'list', 'assistant', '--json')

    expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(page)))
  })

  it('looks at all agents where none is named, by what else is known', async () => {
    const asked: unknown[] = []
    const executions: CliClient['executions'] = async (agentId, { signal: _, ...query } = {}) => {
      asked.push(agentId, query)
      return { executions: [] }
    }
    const [from, to] = ['2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z']

    await run({ executions }, 'list', '--topic', 'tickets', '--correlation', 'c-1', '--from', from, '--to', to)

    expect(asked).toEqual([undefined, { topic: 'tickets', correlationId: 'c-1', from, to }])
  })

  it('says that there are none', async () => {
    const { exitCode, out, err } = await run({ executions: async () => ({ executions: [] }) }, 'list', 'assistant')

    expect({ exitCode, out, err: err.trim() }).toEqual({ exitCode: 0, out: '', err: 'there are none' })
  })
})

describe('executions result', () => {
  it('waits in pieces until it has ended, and prints the answer', async () => {
    const waits: unknown[] = []
    const output = { text: 'A gate.', agent_id: 'assistant', timestamp: '2026-11-21T09:31:00.000Z' }
    const executionResult: CliClient['executionResult'] = async (executionId, { wait } = {}) => {
      waits.push(wait)
      return waits.length < 3 ? { executionId, status: 'running' } : { executionId, status: 'completed', output }
    }

    const { exitCode, out } = await run({ executionResult }, 'result', 'e1', '--wait', '60')

    expect({ exitCode, out }).toEqual({ exitCode: 0, out: 'A gate.\n' })
    expect(waits).toEqual([25, 25, 10])
  })

  it('says how far it is when nobody wants to wait', async () => {
    const executionResult: CliClient['executionResult'] = async (executionId) => ({ executionId, status: 'running' })

    expect(await run({ executionResult }, 'result', 'e1')).toMatchObject({ exitCode: 0, out: 'e1 is running\n' })
  })

  it.each(['failed', 'timed_out', 'cancelled', 'expired'] as const)('fails when it is %s, and says why', async (status) => {
    const error = { code: 'provider_error' as const, detail: 'no' }
    const executionResult: CliClient['executionResult'] = async (executionId) => ({ executionId, status, error })

    expect(await run({ executionResult }, 'result', 'e1')).toMatchObject({
      exitCode: 1,
      out: `e1 is ${status}: provider_error: no\n`,
    })
    expect((await run({ executionResult }, 'result', 'e1', '--json')).exitCode).toBe(1)
  })
})

describe('executions batch', () => {
  it('sends what stands in the file, and says of each what became of it', async () => {
    const asked: unknown[] = []
    const runBatch: CliClient['runBatch'] = async (batch, { idempotencyKey } = {}) => {
      asked.push(batch, idempotencyKey)
      const executions = [{ executionId: 'e1' }, { error: { code: 'not_found' as const, detail: 'no such agent' } }]
      return { batchId: 'b1', executions, links: { self: '', cancel: '' } }
    }
    await using folder = await mkdtempDisposable(join(tmpdir(), 'sluice-batch-'))
    const file = join(folder.path, 'batch.json')
    const batch = { mode: 'sequential', stopOnError: true, executions: [{ agentId: 'assistant', input: { content: 'Why?' } }] }
    await writeFile(file, JSON.stringify(batch))

    const { exitCode, out } = await run({ runBatch }, 'batch', file, '--key', 'k1')

    expect({ exitCode, out }).toEqual({ exitCode: 0, out: 'b1\n0  e1\n1  refused: not_found: no such agent\n' })
    expect(asked).toEqual([batch, 'k1'])
    await writeFile(file, '{"executions": []}')
    expect(await run({ runBatch }, 'batch', file)).toMatchObject({ exitCode: 2, out: '' })
  })
})

describe('executions get', () => {
  it('shows one with its place in the queue, without what it does not have', async () => {
    const getExecution: CliClient['getExecution'] = async (_id, { position } = {}) =>
      shown({ held: true, ...(position && { queue: { position: 2, waiting: 7 } }) })

    const { out } = await run({ getExecution }, 'get', 'e1')

    expect(out).toMatch(/^id +e1\nagent +assistant\nstatus +queued \(waiting\)\nplace +2 of 7\n/)
    expect(out).not.toContain('error')
  })

  it('shows what it came to', async () => {
    const ended = shown({
      status: 'cancelled',
      error: { code: 'cancelled', detail: 'cancelled on request' },
      usage: { inputTokens: 5, outputTokens: 2 },
      output: { text: 'A gate in', agent_id: 'assistant', timestamp: '2026-11-21T09:31:00.000Z' },
    })

    const { out } = await run({ getExecution: async () => ended }, 'get', 'e1')

    expect(out).toContain('cancelled: cancelled on request')
    expect(out).toContain('5 in, 2 out')
    expect(out.trimEnd().endsWith('\n\nA gate in')).toBe(true)
  })
})

describe('executions cancel, retry, priority', () => {
  it('cancels', async () => {
    const { out } = await run({ cancelExecution: async () => shown({ status: 'cancelled' }) }, 'cancel', 'e1')

    expect(out).toBe('e1 is cancelled\n')
  })

  it('says that a running one still has to stop', async () => {
    const running = shown({ status: 'running', cancelRequestedAt: '2026-11-21T09:30:00.000Z' })

    expect((await run({ cancelExecution: async () => running }, 'cancel', 'e1')).out).toBe('e1 is running (asked to stop)\n')
  })

  it('does one again, once for each key, and prints the id of the new one', async () => {
    const keys: unknown[] = []
    const retryExecution: CliClient['retryExecution'] = async (_id, { idempotencyKey } = {}) => {
      keys.push(idempotencyKey)
      const { executionId: _, ...rest } = shown()
      return { executionId: 'e2', status: rest.status, links: rest.links }
    }

    const { out } = await run({ retryExecution }, 'retry', 'e1', '--key', 'k1')
    await run({ retryExecution }, 'retry', 'e1')

    expect(out).toBe('e2\n')
    expect(keys).toEqual(['k1', undefined])
  })

  it('moves one in the queue', async () => {
    const changePriority: CliClient['changePriority'] = async (_id, priority) => shown({ held: true, priority })

    expect((await run({ changePriority }, 'priority', 'e1', '10')).out).toBe('e1 is queued (waiting), with priority 10\n')
  })
})

it.each([
  [[], 'what is to be done?'],
  [['stop', 'e1'], '"executions stop" does not exist'],
  [['batch'], 'which file?'],
  [['result', 'e1', '--wait', '0'], '"0" is not a wait'],
  [['get', 'e1', '--topic', 't'], 'belong to "executions list"'],
  [['get', 'e1', '--wait', '3'], '--wait belongs to "executions result"'],
  [['get'], 'which execution?'],
  [['get', 'e1', 'e2'], '"e2" is too much'],
  [['list', 'assistant', '--status', 'gone'], '"gone" is no status'],
  [['list', 'assistant', '--limit', '101'], '"101" is not a count'],
  [['priority', 'e1'], 'a priority is missing'],
  [['priority', 'e1', '0'], '"0" is not a priority'],
  [['priority', 'e1', '11'], '"11" is not a priority'],
  [['priority', 'e1', '5', '6'], '"6" is too much'],
  [['cancel', 'e1', '--key', 'k'], '--key belongs to "executions retry"'],
  [['get', 'e1', '--limit', '3'], 'belong to "executions list"'],
])('refuses %j', async (args, message) => {
  const { exitCode, err } = await run({}, ...args)

  expect(exitCode).toBe(2)
  expect(err).toContain(message)
})
