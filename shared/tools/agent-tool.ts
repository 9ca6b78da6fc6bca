import type { Tool } from '#shared/protocol/tool.ts'
import { type OpenedTools, type Pending, shownValue, type ToolOutput } from './open-tool.ts'
import type { ToolDependencies } from './tool-dependencies.ts'
import type { ToolCaller } from './toolbox.ts'

type AgentTool = Extract<Tool, { type: 'agent' }>

/** Most answers come in that time, and a caller that waits here goes on at once. */
const PATIENCE_MS = 10_000

/** What every agent that is a model understands. */
const QUESTION = {
  type: 'object',
  properties: { content: { type: 'string', minLength: 1, description: 'What the agent is asked, with all that it must know.' } },
  required: ['content'],
  additionalProperties: false,
}

/** A tool that is another agent: its input is the arguments, and the result is its answer. One that does not come soon is left pending. */
export async function openAgentTool(
  { askAgent, agentPatienceMs = PATIENCE_MS }: Pick<ToolDependencies, 'askAgent' | 'agentPatienceMs'>,
  { name, description, parameters = QUESTION, agentId }: AgentTool,
  caller: ToolCaller,
): Promise<OpenedTools> {
  return {
    tools: [
      {
        tool: { name, description, parameters },
        // The key is the execution: it is found again.
        repeatable: true,
        endsWithSignal: true,
        async call(input, { idempotencyKey, timeoutMs, elapsedMs, signal }): Promise<ToolOutput | Pending> {
          // What has little time left is waited for to its end: nobody comes back in time.
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
