import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { newId } from '#shared/platform/ids.ts'
import { OUTPUT } from '#shared/platform/names.ts'
import type { ExecutionStream } from '../../web/client/index.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { type FaultProxy, startFaultProxy } from '../helpers/fault-proxy.ts'

/** The emulator answers the frames of all sockets one after the other: more take longer, and prove no more. */
const EXECUTIONS = 60
const BROWSERS = 12

/** What goes wrong with the model: a few calls are refused, a few are cut off, most are well. Each only once a prompt. */
const switches = (index: number): string =>
  ({ 0: '[[tokens=40 rate=50 status=429 retryAfter=1 times=1]]', 1: '[[tokens=40 rate=50 cut=10 times=1]]' })[index % 10] ??
  '[[tokens=40 rate=50]]'

describe('faults', () => {
  const cloud = deployedCloud()
  const client = cloud.client()
  afterAll(() => client.close())

  describe('many executions at once while posts fail, sockets close and model calls break', () => {
    let proxy: FaultProxy
    beforeAll(async () => {
      proxy = await startFaultProxy(cloud.endpointUrl)
      for (const name of ['execute', 'socket'] as const) await cloud.redirect(name, proxy.url)
    })
    afterAll(async () => {
      for (const name of ['execute', 'socket'] as const) await cloud.redirect(name, undefined)
      await proxy.close()
    })

    it('delivers every stream whole and in order, and leaves no dead letter', async () => {
      const [topic, agentId] = [`load-${newId()}`, `load-${newId()}`]
      const llm = { provider: 'openai', service: 'demo', model: 'scripted-1' }
      await cloud.call('POST', '/v1/agents', {
        body: { agentId, name: 'Load', topics: [topic], llm, autoStart: false, maxConcurrency: 20 },
      })
      const ids = Array.from({ length: EXECUTIONS }, (_, index) => `${topic}-${index}`)
      const deadBefore = await cloud.depth(OUTPUT.workDeadLetterQueueUrl)
      // What a stopped worker of another test has left hidden in the queue for minutes.
      const others = await cloud.depth(OUTPUT.workQueueUrl)

      await Promise.all(
        ids.map((id, index) =>
          cloud.sendToIngress(
            JSON.stringify({
              specversion: '1.0',
              id,
              type: 'load',
              source: 'test',
              topic,
              data: { content: `${switches(index)} Question ${index}` },
            }),
          ),
        ),
      )
      const browsers = Array.from({ length: BROWSERS }, () => cloud.client())
      onTestFinished(() => {
        for (const browser of browsers) browser.close()
      })
      const unseen = new Set(ids.map((id) => messageExecutionId('default', { source: 'test', id }, agentId)))
      const streams: ExecutionStream[] = []
      // What a dispatcher leaves that was stopped comes again after three minutes.
      await eventually(async () => {
        // One after the other: the emulator starts a process for each call that is under way.
        for (const executionId of unseen) {
          if ((await cloud.call('GET', `/v1/executions/${executionId}`)).status !== 200) continue
          unseen.delete(executionId)
          const stream = (browsers[streams.length % BROWSERS] ?? client).execution(executionId, { packed: false })
          streams.push(stream)
          await eventually(async () => (stream.status === 'live' ? true : undefined))
        }
        return unseen.size === 0 ? true : undefined
      }, 400)
      // Only now, so that everybody watches while the answers are made, however slow the machine is.
      await cloud.call('POST', `/v1/agents/${agentId}/start`)
      const results = await Promise.all(
        streams.map(async (stream) => {
          const sequences: number[] = []
          for await (const event of stream) sequences.push(event.sequence)
          return { result: await stream.done, sequences }
        }),
      )

      for (const { result, sequences } of results) {
        const { status, verified, error } = result
        expect({ status, verified, error }).toEqual({ status: 'completed', verified: true, error: undefined })
        expect(sequences).toEqual(Array.from({ length: result.events }, (_, index) => index))
      }
      expect(proxy.counts.throttled).toBeGreaterThan(5)
      expect(proxy.counts.gone).toBeGreaterThan(0)
      expect(await cloud.depth(OUTPUT.workDeadLetterQueueUrl)).toBe(deadBefore)
      await eventually(async () => ((await cloud.depth(OUTPUT.workQueueUrl)) <= others ? true : undefined))
    }, 600_000)
  })

  it('goes on in another worker when a writer is killed in mid-stream', async () => {
    const emulatorPid = inject('emulatorPid')
    const stream = await client.run('assistant', '[[tokens=600 rate=60]] A long story, please.')
    for await (const event of client.execution(stream.executionId)) if (event.type === 'content_chunk') break

    expect(killWorkers(emulatorPid, 'sluice-local-execute')).toBeGreaterThan(0)
    await cloud.redirect('execute', undefined)
    await eventually(async () => {
      await cloud.invoke('sweep', {})
      const { body } = await cloud.call('GET', `/v1/executions/${stream.executionId}`)
      return Number(body.attempt) >= 2 ? true : undefined
    }, 120)
    const result = await stream.done

    expect(result).toMatchObject({ status: 'completed', verified: true })
    const { body } = await cloud.call('GET', `/v1/executions/${stream.executionId}/events?limit=1000`)
    const types = (body.events as { type: string }[]).map((event) => event.type)
    expect(types.filter((type) => type === 'retrying')).toHaveLength(1)
    expect(types.filter((type) => ['completed', 'failed', 'timed_out', 'cancelled'].includes(type))).toEqual(['completed'])
  }, 240_000)
})

/** Kills the emulator's processes of one function, as a crash of the machine would; returns how many there were. */
function killWorkers(emulatorPid: number, functionName: string): number {
  const workers = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => parentOf(pid) === emulatorPid && commandOf(pid).includes(`ministack-lambda-${functionName}-`))
  for (const pid of workers) process.kill(pid, 'SIGKILL')
  return workers.length
}

const commandOf = (pid: number): string => read(`/proc/${pid}/cmdline`)
const parentOf = (pid: number): number => Number(read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[1])

/** A process may end while it is looked at. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
