import type { Tool } from '#shared/protocol/tool.ts'
import { type OpenedTools, shownValue } from './open-tool.ts'
import type { ToolDependencies } from './tool-dependencies.ts'
import type { ToolCaller } from './toolbox.ts'

type FunctionTool = Extract<Tool, { type: 'lambda' }>

const NO_PARAMETERS = { type: 'object', properties: {} }

/** A tool that is a function of this deployment. */
export async function openFunctionTool(
  { callFunction }: Pick<ToolDependencies, 'callFunction'>,
  { name, description, parameters = NO_PARAMETERS, function: functionName }: FunctionTool,
  { tenant, agentId, executionId }: ToolCaller,
): Promise<OpenedTools> {
  return {
    tools: [
      {
        tool: { name, description, parameters },
        repeatable: true,
        async call(input, { callId, idempotencyKey, signal }) {
          const payload = { arguments: input, idempotencyKey, tenant, agentId, executionId, callId }
          const answer = await callFunction(functionName, payload, signal)
          if ('result' in answer) return { content: shownValue(answer.result) }
          return { content: `${answer.error.code}: ${answer.error.message}`, isError: true }
        },
      },
    ],
  }
}
