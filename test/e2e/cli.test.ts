import { describe, expect, inject, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { eventually } from '../helpers/deployed-cloud.ts'
import '../helpers/provided-context.ts'
import { runCli, startCli } from '../helpers/run-cli.ts'

/** As a newcomer's shell has it: the command finds the token by itself. */
const env = { SLUICE_URL: inject('frontDoorUrl'), AWS_ENDPOINT_URL: inject('endpointUrl') }

const sluice = (...args: string[]) => runCli(args, { env })

const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('chat and tail', () => {
  it('prints the answer and nothing else', async () => {
    const { code, stdout, stderr } = await sluice('chat', 'assistant', 'Say hello in one sentence.')

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.toLowerCase()).toContain('hello')
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  })

  it('gives the events and the verified result, which tail repeats', async () => {
    const chat = await runCli(['chat', 'assistant', '--json'], { env, stdin: 'What is a sluice?' })
    const lines = jsonLines(chat.stdout)
    const result = lines.at(-1)
    const tail = await sluice('tail', `execution:${result.executionId}`, '--json')

    expect(result).toMatchObject({ type: 'result', status: 'completed', verified: true, events: lines.length - 1 })
    expect(lines.slice(0, -1).map(({ sequence }) => sequence)).toEqual([...lines.slice(0, -1).keys()])
    expect(tail).toEqual({ code: 0, stdout: chat.stdout, stderr: '' })
  })

  it('gives the whole answer after the model broke off', async () => {
    const { code, stdout } = await sluice(
      'chat',
      'assistant',
      '[[tokens=30 cut=10 times=1]] Why do locks need sluices?',
      '--json',
    )
    const lines = jsonLines(stdout)

    expect(code).toBe(0)
    expect(lines.map(({ type }) => type)).toContain('retrying')
    expect(lines.at(-1)).toMatchObject({ status: 'completed', verified: true })
  })

  it('fails with code and detail when the model refuses', async () => {
    const { code, stderr } = await sluice('chat', 'assistant', '[[status=401]] Hello')

    expect(code).toBe(1)
    expect(stderr).toMatch(/^error authentication_error: .+ \(execution \S+ failed\)\n$/)
  })

  it.each([
    ['agent', ['chat', 'nobody', 'Hello']],
    ['execution', ['tail', `execution:${newId()}`]],
  ])('says that there is no such %s', async (_, args) => {
    const { code, stdout, stderr } = await sluice(...args)

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('error not_found')
  })
})

describe('publish', () => {
  it('shows a message once, however often it is published with the same id', async () => {
    const topic = `cli-${newId()}`
    const first = await sluice('publish', topic, '{"number":1}', '--id', 'one')
    const again = await sluice('publish', topic, '{"number":1}', '--id', 'one')
    const tail = startCli(['tail', topic, '--after', '-1', '--json'], { env })
    await tail.says('"number":1')
    const second = await runCli(['publish', topic, '-'], { env, stdin: '{"number":2}' })
    await tail.says('"number":2')
    tail.interrupt()

    expect(again).toEqual(first)
    const { code, stdout } = await tail.end
    expect(code).toBe(130)
    const messages = jsonLines(stdout).map(({ data }) => [data.id, data.data])
    expect(messages).toEqual([
      [first.stdout.trim(), { number: 1 }],
      [second.stdout.trim(), { number: 2 }],
    ])
  })
})

describe('agents', () => {
  it('lists the agents and shows one', async () => {
    const list = await sluice('agents')
    const one = await sluice('agents', 'show', 'assistant', '--json')

    expect(list.stdout).toMatch(/^assistant +Assistant +running/m)
    expect(JSON.parse(one.stdout)).toMatchObject({ agentId: 'assistant', kind: 'llm' })
  })
})

describe('token', () => {
  it('makes one that opens what it says and nothing else', async () => {
    const made = await sluice('token', '--scope', 'agents:read', '--subject', 'ada', '--expires-in', '5m')
    const ada = { SLUICE_URL: env.SLUICE_URL, SLUICE_TOKEN: made.stdout.trim() }

    expect(await runCli(['agents', '--json'], { env: ada })).toMatchObject({ code: 0 })
    const refused = await runCli(['publish', 'news', '1'], { env: ada })
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('error forbidden') })
  })

  it('opens nothing of another tenant', async () => {
    const made = await sluice('token', '--tenant', 'acme', '--json')
    const { token, tenant, scopes } = JSON.parse(made.stdout)

    const shown = await sluice('agents', 'show', 'assistant', '--token', token)

    expect({ tenant, scopes: scopes.length }).toEqual({ tenant: 'acme', scopes: SCOPES.length })
    expect(shown).toMatchObject({ code: 1, stderr: expect.stringContaining('error not_found') })
  })
})

describe('doctor', () => {
  it('finds the emulator that runs', async () => {
    // It gives the emulator three seconds.
    const found = await eventually(async () => {
      const { stdout } = await sluice('doctor', '--json')
      return JSON.parse(stdout).find(
        ({ check, status }: Record<string, unknown>) => check === 'AWS_ENDPOINT_URL' && status === 'ok',
      )
    })

    expect(found.detail).toBe(`${env.AWS_ENDPOINT_URL} answers`)
  })
})
