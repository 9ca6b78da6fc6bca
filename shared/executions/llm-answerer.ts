import { requireTaskType } from '#shared/agents/require-task-type.ts'
import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { mergeSettings } from '#shared/models/merge-settings.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { buildPrompt } from '#shared/prompts/build-prompt.ts'
import { promptVariables } from '#shared/prompts/prompt-variables.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import { countedModel } from '#shared/reasoning/counted-model.ts'
import { patternOf } from '#shared/reasoning/patterns.ts'
import { limitsOf, type Reasoning } from '#shared/reasoning/reasoning.ts'
import { requestOf } from '#shared/reasoning/request-of.ts'
import type { AnswerMemory } from './answer-memory.ts'
import type { Answerer, AnswerRequest } from './answerer.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { openToolbox, type ToolboxDependencies } from './open-toolbox.ts'

export type LlmAnswererDependencies = ToolboxDependencies & {
  providers: LlmProviders
  /** Absent where no agent remembers anything. */
  memory?: AnswerMemory | undefined
}

/** Answers for agents that are data alone: the model is asked as the agent's pattern says, and its words go to the stream as they come. */
export function llmAnswerer(dependencies: LlmAnswererDependencies): Answerer {
  const { providers, memory } = dependencies
  return async (request) => {
    const { agent, record, writer, signal, addUsage } = request
    if (agent.kind !== 'llm')
      throw new SluiceError('no_agent_available', `the agent "${agent.agentId}" is code: its own function answers`)
    requireTaskType(agent, record.type)
    const settings = mergeSettings(agent.llm, record.llm)
    const { tenant, executionId, agentId, source } = record
    const [opened, remembered, reason] = await Promise.all([
      providers.open(settings, { tenant, agentId, executionId, source }),
      memory?.begin({ ...request, agent }),
      patternOf(patternNameOf(agent)),
    ])
    const toolbox = await openToolbox(dependencies, agent, record, signal)
    try {
      const answer = await reason({
        ...reasoningOf(request, agent),
        model: countedModel(opened, settings, addUsage),
        request: requestOf(settings),
        messages: questionOf(agent, record, remembered?.history),
        toolbox,
      })
      await remembered?.finish(writer.text())
      return answer
    } finally {
      await toolbox.close()
    }
  }
}

/** An agent that says nothing of it reacts to tools, and otherwise takes one turn. */
const patternNameOf = ({ reasoningPattern, tools = [], team }: LlmAgent) =>
  reasoningPattern ?? (team ? 'multi_agent' : tools.length > 0 ? 'react' : 'direct')

const reasoningOf = (
  { record, writer, checkpoints, approvals, signal }: AnswerRequest,
  { reasoning, team }: LlmAgent,
): Omit<Reasoning, 'model' | 'request' | 'messages' | 'toolbox'> => ({
  limits: limitsOf(reasoning),
  team,
  checkpoints,
  approvals,
  stream: writer,
  keyOf: (callId) => `${record.executionId}:${callId}`,
  signal,
})

/** Instructions, what was said before, and the question. */
function questionOf(
  { name, persona, prompts }: LlmAgent,
  record: ExecutionRecord,
  history: readonly LlmMessage[] = [],
): LlmMessage[] {
  const { input, startedAt, createdAt } = record
  const variables = promptVariables({ input, agentName: name, now: startedAt ?? createdAt })
  return buildPrompt({ persona, prompts, input, variables, history })
}
