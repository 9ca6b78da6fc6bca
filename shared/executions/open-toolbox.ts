import type { AgentStore } from '#shared/agents/agent-store.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import { MAX_AGENT_TIMEOUT_SECONDS, type Tool } from '#shared/protocol/tool.ts'
import { NO_TOOLS } from '#shared/reasoning/no-tools.ts'
import type { Toolbox, Toolboxes, ToolCaller } from '#shared/tools/toolbox.ts'
import type { ExecutionRecord } from './execution-record.ts'

export type ToolboxDependencies = {
  /** Absent where no agent has tools. */
  toolboxes?: Toolboxes | undefined
  /** Tells what the agents of a team can do. */
  agents?: Pick<AgentStore, 'get'> | undefined
}

/** A member of a team has the time of a call that is as long as calls of agents may be, and may say more than a tool. */
const MEMBER = { timeoutSeconds: MAX_AGENT_TIMEOUT_SECONDS, maxResultBytes: 32_768 } as const

/**
 * The toolbox of an agent for one execution. The agents of a team are tools too, known by their ids.
 *
 * @throws what {@link Toolboxes} throws
 */
export async function openToolbox(
  { toolboxes, agents }: ToolboxDependencies,
  agent: LlmAgent,
  record: ExecutionRecord,
  signal: AbortSignal,
): Promise<Toolbox> {
  const tools = agent.team ? await membersOf(agents, record.tenant, agent.team.agents) : (agent.tools ?? [])
  if (tools.length === 0) return NO_TOOLS
  if (!toolboxes) throw new SluiceError('unsupported', 'there are no tools here')
  return toolboxes.open(tools, toolCallerOf(record), signal)
}

export const toolCallerOf = (record: ExecutionRecord): ToolCaller => {
  const { tenant, executionId, agentId, source, conversationId, depth, rootId, rootSource } = record
  return { tenant, executionId, agentId, source, conversationId, depth, rootId, rootSource }
}

const membersOf = (agents: ToolboxDependencies['agents'], tenant: string, ids: readonly string[]): Promise<Tool[]> =>
  Promise.all(
    ids.map(async (agentId): Promise<Tool> => {
      const { name, description } = (await agents?.get(tenant, agentId)) ?? {}
      return { type: 'agent', name: agentId, description: description ?? name ?? agentId, agentId, ...MEMBER }
    }),
  )
