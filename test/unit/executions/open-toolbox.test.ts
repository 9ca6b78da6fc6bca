import { expect, it } from 'vitest'
import { openToolbox } from '#shared/executions/open-toolbox.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import type { ToolCaller } from '#shared/tools/toolbox.ts'
import { anAgent, anExecution, memoryWorld } from '../../helpers/executions.ts'
import { fakeToolbox } from '../../helpers/reasoning.ts'
import { NEVER } from '../../helpers/worker.ts'

/** What is opened for an agent of a tenant where a clerk and an expert are. */
async function opened(agent: Parameters<typeof anAgent>[0]) {
  const { agents } = memoryWorld()
  await agents.create('acme', anAgent({ agentId: 'clerk', name: 'Clerk' }))
  await agents.create('acme', anAgent({ agentId: 'expert', description: 'Knows gates.' }))
  const asked: { tools: readonly Tool[]; caller: ToolCaller }[] = []
  const toolboxes = {
    async open(tools: readonly Tool[], caller: ToolCaller) {
      asked.push({ tools, caller })
      return fakeToolbox({})
    },
    leave: async () => undefined,
  }
  const record = anExecution({ source: 'ada', depth: 2, rootId: 'root', rootSource: 'eve', conversationId: 'chat' })
  await openToolbox({ agents, toolboxes }, anAgent(agent), record, NEVER)
  return { asked, record }
}

it('has the agents of a team as tools, which have the time that people have, and their descriptions as far as they are known', async () => {
  const { asked } = await opened({ team: { mode: 'parallel', agents: ['clerk', 'expert', 'nobody'] } })

  const member = { type: 'agent', timeoutSeconds: 604_800, maxResultBytes: 32_768 }
  expect(asked.flatMap(({ tools }) => tools)).toEqual([
    { ...member, name: 'clerk', agentId: 'clerk', description: 'Clerk' },
    { ...member, name: 'expert', agentId: 'expert', description: 'Knows gates.' },
    { ...member, name: 'nobody', agentId: 'nobody', description: 'nobody' },
  ])
})

it('opens the tools of an agent for the execution that it has', async () => {
  const tool: Tool = { type: 'builtin', name: 'current_time' }

  const { asked, record } = await opened({ tools: [tool] })

  const { tenant, executionId, agentId } = record
  const chain = { source: 'ada', depth: 2, rootId: 'root', rootSource: 'eve', conversationId: 'chat' }
  expect(asked).toEqual([{ tools: [tool], caller: { tenant, executionId, agentId, ...chain } }])
})

it('opens nothing for an agent that has no tools', async () => {
  expect((await opened({})).asked).toEqual([])
})
