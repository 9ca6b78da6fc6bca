import type { Tool } from '#shared/protocol/tool.ts'
import { type OpenedTools, type Pending, shownValue, type ToolOutput } from './open-tool.ts'
import type { ToolDependencies } from './tool-dependencies.ts'
import type { ToolCaller } from './toolbox.ts'

type AgentTool = Extract<Tool, { type: 'agent' }>

/** How long a worker waits for an answer before it suspends the execution: most answers come within this time. */
const PATIENCE_MS = 10_000

/** The default parameters: what every agent with a model understands. */
const QUESTION = {
  type: 'object',
  properties: { content: { type: 'string', minLength: 1, description: 'What the agent is asked, with all that it must know.' } },
  required: ['content'],
  additionalProperties: false,
}

/** A tool that asks another agent: the arguments become its input, its answer the result. If the answer takes long, the call is left pending. */
export async function openAgentTool(
  { askAgent, agentPatienceMs = PATIENCE_MS }: Pick<ToolDependencies, 'askAgent' | 'agentPatienceMs'>,
  { name, description, parameters = QUESTION, agentId }: AgentTool,
  caller: ToolCaller,
): Promise<OpenedTools> {
  return {
    tools: [
      {
        tool: { name, description, parameters },
        // The key identifies the execution, so a repeated call finds it again.
        repeatable: true,
        endsWithSignal: true,
        async call(input, { idempotencyKey, timeoutMs, elapsedMs, signal }): Promise<ToolOutput | Pending> {
          // With little time left, wait to the end: nobody would come back before the time is up.
          const patienceMs =
            timeoutMs <= agentPatienceMs ? Number.POSITIVE_INFINITY : Math.max(0, agentPatienceMs - (elapsedMs ?? 0))
          const question = { caller, agentId, input, idempotencyKey }
          const reply = await askAgent(question, signal, { patienceMs, again: elapsedMs !== undefined })
          if (reply.status === 'pending') return { pending: true }
          if (reply.status !== 'completed')
            return { content: `the agent "${agentId}" ${reply.status}: ${reply.code}: ${reply.detail}`, isError: true }
          return { content: reply.data === undefined ? reply.text : shownValue(reply.data) }
        },
      },
    ],
  }
}
