import { afterEach, describe, expect, it } from 'vitest'
import { sharedAnswerer } from '#shared/executions/shared-answerer.ts'
import { memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { aRemoteAgent } from '../../helpers/executions.ts'
import { type RemoteAgentOptions, type RunningRemoteAgent, startRemoteAgent } from '../../helpers/remote-agent.ts'
import { words, workerScene } from '../../helpers/worker.ts'

let service: RunningRemoteAgent | undefined
afterEach(() => service?.stop())

const answerer = sharedAnswerer({ providers: memoryLlmProviders(words), allowPrivate: true })

async function remoteScene(options?: RemoteAgentOptions) {
  service = await startRemoteAgent(options)
  const retry = { maxAttempts: 3, backoffSeconds: 0 }
  const scene = await workerScene(aRemoteAgent({ agentId: 'assistant', endpoint: service.url, retry }))
  return { ...scene, service }
}

describe('a worker with agents of several kinds', () => {
  it('asks a model for those that are data alone', async () => {
    const { submit, work, expectEnd } = await workerScene()
    const record = await submit()

    await work(answerer, record)

    expect(await expectEnd(record, 'completed')).toMatchObject({ output: { text: 'A gate for water.' } })
  })

  it('asks the service of a remote one, and streams what it says', async () => {
    const { submit, work, events, expectEnd, gate } = await remoteScene()
    const record = await submit()

    await work(answerer, record)

    expect((await events(record))[0]).toMatchObject({ type: 'started', data: { provider: 'remote', model: 'assistant' } })
    expect(await expectEnd(record, 'completed')).toMatchObject({ output: { data: { processed: true, input: record.input } } })
    expect(await gate()).toMatchObject({ active: [] })
  })

  it('gives a task away once, however often asking for it fails', async () => {
    let failures = 2
    const { submit, work, expectEnd, service } = await remoteScene({
      instead(request, response) {
        if (request.method !== 'GET' || failures === 0) return false
        failures -= 1
        response.writeHead(503).end()
        return true
      },
    })
    const record = await submit()

    await work(answerer, record)

    expect(await expectEnd(record, 'completed')).toMatchObject({ attempt: 3 })
    expect(service.submitted).toHaveLength(1)
  })

  it('ends with what the service says of a task that failed, at once', async () => {
    const { submit, work, expectEnd, service } = await remoteScene({
      looks: 0,
      end: () => ({ status: 'failed', result: null, error: 'out of paper' }),
    })
    const record = await submit()

    await work(answerer, record)

    expect(await expectEnd(record, 'failed')).toMatchObject({
      attempt: 1,
      error: { code: 'provider_error', detail: expect.stringContaining('out of paper') },
    })
    expect(service.submitted).toHaveLength(1)
  })

  it('goes on in another invocation with a task that takes longer than one', async () => {
    const { submit, work, expectEnd, lastSent, service } = await remoteScene({ looks: 2 })
    const record = await submit()
    let left = 300_000
    const first = work(answerer, lastSent().item, {
      remainingMs: () => {
        if (service.asked.length > 1) left = 1_000
        return left
      },
    })

    expect(await first).toBe('handed_over')
    expect(await work(answerer, lastSent().item)).toBe('ended')

    await expectEnd(record, 'completed')
    expect(service.submitted).toHaveLength(1)
  })
})
