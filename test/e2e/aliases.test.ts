import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#shared/platform/ids.ts'
import { deployedCloud, eventually } from '../helpers/deployed-cloud.ts'
import { printedExecuteTask, printedRegistration, printedSubmission } from '../helpers/printed-requests.ts'
import { type RemoteTask, type RunningRemoteAgent, startRemoteAgent } from '../helpers/remote-agent.ts'

const cloud = deployedCloud()

describe('the printed paths of other control planes', () => {
  let tenant: string
  beforeEach(() => {
    tenant = `aliases-${newId()}`
  })

  /** As `curl` with the printed body, which is a text, and a token. */
  async function curl(method: string, path: string, body?: string) {
    const headers = { authorization: `Bearer ${await cloud.token({ tenant })}`, 'content-type': 'application/json' }
    const response = await fetch(new URL(path, cloud.frontDoorUrl), { method, headers, ...(body !== undefined && { body }) })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  /** A task once it goes on no more. */
  const ended = (path: string) =>
    eventually(async () => {
      const { body } = await curl('GET', path)
      return body.status === 'processing' ? undefined : body
    })

  describe('an orchestrator', () => {
    it('registers the printed agent, has it do the printed task, and lets it go', async () => {
      const agent_id = String(printedRegistration().agent_id)
      const named = JSON.stringify({ agent_id })

      expect(await curl('POST', '/orchestrator/register', JSON.stringify(printedRegistration()))).toEqual({
        status: 200,
        body: { status: 'registered', agent_id },
      })
      expect((await curl('POST', '/orchestrator/start', named)).body).toEqual({ agent_id, status: 'running' })
      expect((await curl('GET', '/orchestrator/agents')).body).toMatchObject({ agents: [{ agent_id, domain: 'underwriting' }] })

      const accepted = await curl('POST', '/orchestrator/execute-task', JSON.stringify(printedExecuteTask()))
      expect(accepted).toMatchObject({ status: 202, body: { agent_id, status: 'accepted' } })

      const task = await ended(`/orchestrator/tasks/${accepted.body.task_id}`)
      expect(task).toMatchObject({ status: 'completed', task_type: 'risk_assessment', priority: 5, error: null })
      expect(task.result).toMatchObject({ text: expect.stringMatching(/\w/) })

      expect((await curl('POST', '/orchestrator/stop', named)).body).toEqual({ agent_id, status: 'stopped' })
      expect((await curl('GET', `/orchestrator/agents/${agent_id}`)).body).toMatchObject({ status: 'stopped' })
      expect((await curl('POST', '/orchestrator/unregister', named)).body).toEqual({ status: 'unregistered', agent_id })
      expect(await curl('GET', `/orchestrator/agents/${agent_id}`)).toMatchObject({ status: 404 })
    })

    it('calls back when the task has ended', async () => {
      const service = await startRemoteAgent()
      await curl('POST', '/orchestrator/register', JSON.stringify(printedRegistration()))

      const body = { ...printedExecuteTask(), callback_url: `${service.url}/done` }
      await curl('POST', '/orchestrator/execute-task', JSON.stringify(body))

      await eventually(async () => service.asked.find((asked) => asked === 'POST /done'))
      service.stop()
    })
  })

  describe('a coordinator of remote agents', () => {
    let service: RunningRemoteAgent
    beforeAll(async () => {
      service = await startRemoteAgent({ looks: 2 })
    })
    afterAll(() => service.stop())

    it('has no agent at first', async () => {
      expect(await curl('POST', '/tasks/submit', printedSubmission())).toMatchObject({
        status: 503,
        body: { detail: 'No agents available' },
      })
    })

    it('registers an agent, gives it the printed task, and tells of its result', async () => {
      const registration = new URLSearchParams({ agent_id: 'agent-1', endpoint: service.url })

      expect((await curl('POST', `/agents/register?${registration}`)).body).toEqual({ status: 'registered', agent_id: 'agent-1' })
      expect((await curl('GET', '/agents')).body).toMatchObject({
        agents: { 'agent-1': { endpoint: service.url, status: 'healthy' } },
      })
      expect(await curl('POST', '/tasks/submit', printedSubmission())).toEqual({
        status: 202,
        body: { task_id: 'test-1', status: 'accepted' },
      })

      expect(await ended('/tasks/test-1')).toEqual({
        status: 'completed',
        result: { processed: true, input: {} },
        error: null,
      })
      expect(await curl('GET', '/tasks/test-2')).toMatchObject({ status: 404, body: { detail: 'Task not found' } })
    })

    it('spreads tasks over its agents, and each is done once', async () => {
      // Nothing ends before everything is handed out: how busy the agents are does not depend on how fast.
      let isHandedOut = false
      const end = ({ payload }: RemoteTask) =>
        isHandedOut
          ? { status: 'completed', result: { processed: true, input: payload }, error: null }
          : { status: 'processing', result: null, error: null }
      const services = await Promise.all([startRemoteAgent({ end }), startRemoteAgent({ end })])
      for (const [index, { url }] of services.entries())
        await curl('POST', '/agents/register', JSON.stringify({ agent_id: `agent-${index}`, endpoint: url }))
      const ids = Array.from({ length: 8 }, (_, index) => `task-${index}`)

      for (const task_id of ids)
        await curl('POST', '/tasks/submit', JSON.stringify({ task_id, task_type: 'analyze', payload: { task_id } }))
      isHandedOut = true

      for (const task_id of ids)
        expect(await ended(`/tasks/${task_id}`)).toMatchObject({ status: 'completed', result: { input: { task_id } } })
      const done = services.map(({ submitted }) => submitted.map(({ payload }) => String(payload.task_id)))
      expect(done.flat().toSorted()).toEqual(ids)
      expect(done.every((some) => some.length > 0)).toBe(true)
      for (const { stop } of services) stop()
    })

    it('tells of a task that fails, and of an agent that is not there', async () => {
      const failing = await startRemoteAgent({ end: () => ({ status: 'failed', result: null, error: 'out of paper' }) })
      await curl('POST', '/agents/register', JSON.stringify({ agent_id: 'agent-1', endpoint: failing.url }))
      await curl('POST', '/tasks/submit', printedSubmission())
      expect(await ended('/tasks/test-1')).toMatchObject({ status: 'failed', error: expect.stringContaining('out of paper') })
      failing.stop()

      const agent = {
        kind: 'remote',
        agentId: 'agent-2',
        name: 'Gone',
        endpoint: failing.url,
        taskTypes: ['find'],
        autoStart: true,
      }
      await curl('POST', '/v1/agents', JSON.stringify({ ...agent, retry: { maxAttempts: 1 } }))
      await curl('POST', '/tasks/submit', JSON.stringify({ task_id: 'test-2', task_type: 'find', payload: {} }))
      expect(await ended('/tasks/test-2')).toMatchObject({ status: 'failed', error: expect.stringMatching(/^network_error/) })
    })

    it('keeps tenants apart', async () => {
      await curl('POST', '/agents/register', JSON.stringify({ agent_id: 'agent-1', endpoint: service.url }))
      await curl('POST', '/tasks/submit', printedSubmission())

      const caller = { tenant: 'stranger' }
      expect(await cloud.call('GET', '/tasks/test-1', { caller })).toMatchObject({ status: 404 })
      expect((await cloud.call('GET', '/agents', { caller })).body).toEqual({ agents: {} })
    })
  })

  it.each(['/orchestrator/agents', '/agents', '/metrics'])(
    '%s is served at the front door, where the console is',
    async (path) => {
      const headers = { authorization: `Bearer ${await cloud.token({ tenant })}` }

      const response = await fetch(new URL(path, cloud.frontDoorUrl), { headers })

      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).not.toContain('html')
    },
  )
})
