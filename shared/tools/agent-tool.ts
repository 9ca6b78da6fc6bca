import type { Tool } from '#shared/protocol/tool.ts'
import { type OpenedTools, shownValue } from './open-tool.ts'
import type { ToolDependencies } from './tool-dependencies.ts'
import type { ToolCaller } from './toolbox.ts'

type AgentTool = Extract<Tool, { type: 'agent' }>

/** What every agent that is a model understands. */
const QUESTION = {
  type: 'object',
  properties: { content: { type: 'string', minLength: 1, description: 'What the agent is asked, with all that it must know.' } },
  required: ['content'],
  additionalProperties: false,
}

/** A tool that is another agent: its input is the arguments, and the result is its answer. */
export async function openAgentTool(
  { askAgent }: Pick<ToolDependencies, 'askAgent'>,
  { name, description, parameters = QUESTION, agentId }: AgentTool,
  caller: ToolCaller,
): Promise<OpenedTools> {
  return {
    tools: [
      {
        tool: { name, description, parameters },
        // The key is the execution: it is found again.
        repeatable: true,
        async call(input, { idempotencyKey, signal }) {
          const reply = await askAgent({ caller, agentId, input, idempotencyKey }, signal)
          if (reply.status !== 'completed')
            return { content: `the agent "${agentId}" ${reply.status}: ${reply.code}: ${reply.detail}`, isError: true }
          return { content: reply.data === undefined ? reply.text : shownValue(reply.data) }
        },
      },
    ],
  }
}
