import { describe, expect, it } from 'vitest'
import { followDeployment } from '#shared/agents/follow-deployment.ts'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { aFunctionAgent, anAgent } from '../../helpers/executions.ts'

function deployed(agentIds: string[]) {
  const [agents, workQueue, logger] = [memoryAgentStore(), memoryWorkQueue(), memoryLog()]
  const follow = () => followDeployment({ agents, workQueue, logger }, { tenant: 'acme', agentIds, deployment: 'build-2' })
  return { agents, workQueue, logger, follow }
}

describe('followDeployment', () => {
  it('asks those to register that are missing or of another build', async () => {
    const { agents, workQueue, follow } = deployed(['new', 'old', 'same'])
    await agents.create('acme', aFunctionAgent({ agentId: 'old', deployment: 'build-1' }))
    await agents.create('acme', aFunctionAgent({ agentId: 'same', deployment: 'build-2' }))

    expect(await follow()).toEqual(['new', 'old'])

    expect(workQueue.registrations).toEqual([
      { tenant: 'acme', agentId: 'new', register: true },
      { tenant: 'acme', agentId: 'old', register: true },
    ])
  })

  it('leaves an agent of another kind alone, and says so', async () => {
    const { agents, workQueue, logger, follow } = deployed(['assistant'])
    await agents.create('acme', anAgent())

    expect(await follow()).toEqual([])

    expect(workQueue.registrations).toEqual([])
    expect(logger.lines).toMatchObject([{ level: 'error', code: 'agent_id_taken', fields: { agentId: 'assistant' } }])
  })

  it('lets no agent whose queue is missing keep it from the others', async () => {
    const { workQueue, logger, follow } = deployed(['broken', 'sound'])
    const { register } = workQueue
    workQueue.register = async (item) => {
      if (item.agentId === 'broken') throw new Error('no such queue')
      return register(item)
    }

    expect(await follow()).toEqual(['sound'])

    expect(logger.lines).toMatchObject([{ level: 'error', code: 'agent_not_registered', fields: { agentId: 'broken' } }])
  })
})
