import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS } from '#shared/protocol/image-type.ts'
import { Interruption } from '../../../../cli/errors.ts'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { type Client, SluiceClientError } from '../../../../web/client/index.ts'
import { cliContext, executionStream } from '../../../helpers/cli-context.ts'
import { answer, chunk, completed, executionEvents, retrying, sha256, started } from '../../../helpers/execution-events.ts'

type Run = Client['run']

/** An agent that answers with these events, and remembers what it was asked. */
function anAgent(events = answer(['Hel', 'lo'])) {
  const asked: string[][] = []
  const run: Run = async (agentId, content, options) => {
    asked.push([agentId, content])
    return executionStream(events, options?.signal)
  }
  return { run, asked }
}

const failed = executionEvents([
  started(),
  chunk('Hel'),
  {
    type: 'failed',
    data: { code: 'provider_error', detail: 'the provider answered 500', events: 3, sha256: sha256('Hel') },
  },
])

describe('what is asked', () => {
  it.each([
    ['one text', ['assistant', 'Say hello'], ''],
    ['words', ['assistant', 'Say', 'hello'], ''],
    ['stdin', ['assistant'], 'Say hello'],
    ['stdin, by name', ['assistant', '-'], 'Say hello'],
  ])('takes the text from %s', async (_, args, stdin) => {
    const { run, asked } = anAgent()

    expect(await main(['chat', ...args], cliContext({ client: { run }, stdin }))).toBe(0)
    expect(asked).toEqual([['assistant', 'Say hello']])
  })

  it.each([
    ['no agent', ['chat'], 'which agent?'],
    ['no text', ['chat', 'assistant'], 'there is no text to ask'],
    ['no duration', ['chat', 'assistant', 'Hi', '--timeout', 'long'], '--timeout "long" is not a duration'],
  ])('refuses %s', async (_, args, message) => {
    const context = cliContext()

    expect(await main(args, context)).toBe(2)
    expect(context.err()).toContain(`error usage: ${message}`)
  })
})

describe('--attach', () => {
  const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
  const JPEG = Buffer.from('ffd8ffe0', 'hex')
  let folder: string
  const inFolder = (name: string): string => join(folder, name)

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-images-'))
    writeFileSync(inFolder('plan.png'), PNG)
    writeFileSync(inFolder('says-png.png'), JPEG)
    writeFileSync(inFolder('page.png'), '<svg/>')
    writeFileSync(inFolder('largest.png'), Buffer.concat([PNG, Buffer.alloc(MAX_ATTACHMENT_BYTES - PNG.length)]))
    writeFileSync(inFolder('large.png'), Buffer.concat([PNG, Buffer.alloc(MAX_ATTACHMENT_BYTES - PNG.length + 1)]))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** A front door that keeps images, and an agent that looks at them. */
  async function look(args: string[], refuse?: Error) {
    const calls: ({ path: string } & HttpCall)[] = []
    const seen: unknown[] = []
    const http = async <Answer>(path: string, { signal: _, ...call }: HttpCall = {}): Promise<Answer> => {
      calls.push({ path, ...call })
      if (refuse) throw refuse
      return { attachmentId: `image-${calls.length}` } as Answer
    }
    const run: Run = async (_agentId, _content, options) => {
      seen.push(options?.attachments)
      return executionStream(answer(['Hello']), options?.signal)
    }
    const context = cliContext({ client: { run }, http })
    const exitCode = await main(['chat', 'assistant', 'What differs?', ...args], context)
    return { exitCode, calls, seen, err: context.err() }
  }

  it('sends the images, by what they are and not by their names, and names them in the question', async () => {
    const { exitCode, calls, seen } = await look(['--attach', inFolder('plan.png'), '--attach', inFolder('says-png.png')])

    expect(exitCode).toBe(0)
    expect(calls).toEqual([
      { path: '/v1/attachments', method: 'POST', body: { mediaType: 'image/png', data: PNG.toString('base64') } },
      { path: '/v1/attachments', method: 'POST', body: { mediaType: 'image/jpeg', data: JPEG.toString('base64') } },
    ])
    expect(seen).toEqual([['image-1', 'image-2']])
  })

  it('takes an image as large as there may be', async () => {
    expect(await look(['--attach', inFolder('largest.png')])).toMatchObject({ exitCode: 0, seen: [['image-1']] })
  })

  it.each([
    ['is too large', 'large.png', 'file_too_large'],
    ['never ends', '/dev/zero', 'file_too_large'],
    ['is none', 'page.png', 'unsupported_type'],
    ['is empty', '/dev/null', 'unsupported_type'],
    ['is not there', 'nowhere.png', 'unreadable_file'],
    ['is a folder', '.', 'unreadable_file'],
  ])('sends nothing when an image %s', async (_, name, code) => {
    const file = name.startsWith('/') ? name : inFolder(name)
    const { exitCode, calls, seen, err } = await look(['--attach', inFolder('plan.png'), '--attach', file])

    expect({ exitCode, calls, seen }).toEqual({ exitCode: 2, calls: [], seen: [] })
    expect(err).toContain(`error ${code}: `)
    expect(err).toContain(file)
  })

  it('sends nothing when there are too many', async () => {
    const files = Array.from({ length: MAX_ATTACHMENTS + 1 }, () => ['--attach', inFolder('plan.png')]).flat()

    expect(await look(files)).toMatchObject({ exitCode: 2, calls: [], err: expect.stringContaining('too_many_files') })
  })

  it('asks nothing when the server does not keep an image', async () => {
    const { exitCode, seen, err } = await look(['--attach', inFolder('plan.png')], new SluiceClientError('forbidden', 'no'))

    expect({ exitCode, seen }).toEqual({ exitCode: 1, seen: [] })
    expect(err).toContain('error forbidden')
  })
})

describe('the answer', () => {
  it('is all that stdout gets', async () => {
    const context = cliContext({ client: anAgent() })

    expect(await main(['chat', 'assistant', 'Hi'], context)).toBe(0)
    expect(context.out()).toBe('Hello\n')
    expect(context.err()).toBe('')
  })

  it('comes as it is made, not at its end', async () => {
    const events = answer(['Hel', 'lo'])
    const context = cliContext({ client: anAgent(events.slice(0, 2)) })

    const ended = main(['chat', 'assistant', 'Hi'], context)
    await expect.poll(() => context.out()).toBe('Hel')

    context.interrupt.abort(new Interruption('SIGINT'))
    expect(await ended).toBe(130)
    expect(context.err()).toContain('npx sluice tail execution:e1')
  })

  it('says what it waits for, and how to decide', async () => {
    const approval = { approvalId: 'a-1', expiresAt: '2026-11-21T10:00:00Z' }
    const call = { callId: 'c-1', toolName: 'order_status', arguments: { orderId: 'A-1001' }, approval }
    const events = executionEvents([started(), { type: 'tool_call', data: call }, chunk('Packed.'), completed('Packed.', 4)])
    const context = cliContext({ client: anAgent(events) })

    expect(await main(['chat', 'assistant', 'Hi'], context)).toBe(0)
    expect(context.out()).toBe('Packed.\n')
    expect(context.err()).toContain('order_status {"orderId":"A-1001"} waits for a person: npx sluice approvals approve a-1')
  })

  it('comes at its end with --whole', async () => {
    const events = executionEvents([started(), chunk('Hello'), retrying(-1), chunk('Hi'), completed('Hi', 5)])
    const context = cliContext({ client: anAgent(events) })

    expect(await main(['chat', 'assistant', 'Hi', '--whole'], context)).toBe(0)
    expect(context.out()).toBe('Hi\n')
  })

  it('begins anew, and says so, when an attempt took back what was printed', async () => {
    const events = executionEvents([started(), chunk('Hello'), retrying(-1), chunk('Hi'), completed('Hi', 5)])
    const context = cliContext({ client: anAgent(events) })

    expect(await main(['chat', 'assistant', 'Hi'], context)).toBe(0)
    expect(context.out()).toBe('Hello\nHi\n')
    expect(context.err()).toBe('the answer begins anew\n')
  })

  it('comes with a short proof for a person', async () => {
    const context = cliContext({ client: anAgent(), isTTY: true })

    await main(['chat', 'assistant', 'Hi'], context)

    expect(context.err()).toBe(`verified: 4 events, sha256 ${sha256('Hello').slice(0, 12)}…\n`)
  })
})

describe('thinking', () => {
  const events = executionEvents([
    started(),
    { type: 'thinking', data: { text: 'a greeting' } },
    chunk('Hello'),
    completed('Hello', 4),
  ])

  it.each([
    ['a terminal', [], true, true],
    ['--thinking', ['--thinking'], false, true],
    ['a pipe', [], false, false],
    ['--no-thinking', ['--no-thinking'], true, false],
  ])('goes to stderr or not with %s', async (_, options, isTTY, shown) => {
    const context = cliContext({ client: anAgent(events), isTTY })

    expect(await main(['chat', 'assistant', 'Hi', ...options], context)).toBe(0)
    expect(context.err().startsWith('a greeting\n')).toBe(shown)
    expect(context.out()).toBe('Hello\n')
  })

  it('has warnings and what is being done on lines of their own', async () => {
    const thoughts: Parameters<typeof executionEvents>[0] = [
      { type: 'thinking', data: { text: 'no price', status: 'warning' } },
      { type: 'thinking', data: { text: 'a gree' } },
      { type: 'thinking', data: { text: 'ting' } },
      { type: 'thinking', data: { text: 'Step 2', status: 'step' } },
    ]
    const context = cliContext({
      client: anAgent(executionEvents([started(), ...thoughts, chunk('Hello'), completed('Hello', 7)])),
    })

    expect(await main(['chat', 'assistant', 'Hi', '--thinking'], context)).toBe(0)
    expect(context.err()).toBe('no price\na greeting\nStep 2\n')
  })
})

describe('--json', () => {
  it('gives each event and then what was verified', async () => {
    const context = cliContext({ client: anAgent() })

    expect(await main(['chat', 'assistant', 'Hi', '--json'], context)).toBe(0)
    const lines = context
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.slice(0, -1)).toEqual(answer(['Hel', 'lo']))
    expect(lines.at(-1)).toMatchObject({ type: 'result', status: 'completed', text: 'Hello', events: 4, verified: true })
  })

  it('tells a failure on stdout and on stderr', async () => {
    const context = cliContext({ client: anAgent(failed) })

    expect(await main(['chat', 'assistant', 'Hi', '--json'], context)).toBe(1)
    expect(JSON.parse(context.out().trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'result',
      status: 'failed',
      verified: true,
    })
    expect(context.err()).toContain('error provider_error')
  })
})

describe('failures', () => {
  it('tells code and detail of a failed execution', async () => {
    const context = cliContext({ client: anAgent(failed) })

    expect(await main(['chat', 'assistant', 'Hi'], context)).toBe(1)
    expect(context.out()).toBe('Hel\n')
    expect(context.err()).toBe('error provider_error: the provider answered 500 (execution e1 failed)\n')
  })

  it('is not content with an answer that does not fit its proof', async () => {
    const forged = executionEvents([started(), chunk('Hello'), completed('Goodbye', 3)])
    const context = cliContext({ client: anAgent(forged) })

    expect(await main(['chat', 'assistant', 'Hi'], context)).toBe(1)
    expect(context.err()).toContain('error integrity_error')
  })

  it('is not content with an answer that lost an event', async () => {
    const short = executionEvents([started(), chunk('Hello'), completed('Hello', 4)])
    const context = cliContext({ client: anAgent(short) })

    expect(await main(['chat', 'assistant', 'Hi'], context)).toBe(1)
    expect(context.err()).toContain('error integrity_error')
  })

  it('gives up when the time is over', async () => {
    const context = cliContext({ client: anAgent(answer(['Hel']).slice(0, 2)) })

    expect(await main(['chat', 'assistant', 'Hi', '--timeout', '1s'], context)).toBe(1)
    expect(context.err()).toBe('error timeout: no complete answer within 1s (give it more time with --timeout)\n')
  })

  it('closes the client, whatever happens', async () => {
    let closed = 0
    const run: Run = async () => {
      throw new SluiceClientError('not_found', 'agent "x" does not exist', { status: 404 })
    }
    const context = cliContext({
      client: {
        run,
        close: () => {
          closed += 1
        },
      },
    })

    expect(await main(['chat', 'x', 'Hi'], context)).toBe(1)
    expect(closed).toBe(1)
    expect(context.err()).toContain('error not_found: agent "x" does not exist (check the id')
  })
})
