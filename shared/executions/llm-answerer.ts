import { requireTaskType } from '#shared/agents/require-task-type.ts'
import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { mergeSettings } from '#shared/models/merge-settings.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { buildPrompt } from '#shared/prompts/build-prompt.ts'
import type { OutputRule } from '#shared/prompts/output-rule.ts'
import { promptVariables } from '#shared/prompts/prompt-variables.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import type { OutputSettings } from '#shared/protocol/agent-thought.ts'
import { countedModel } from '#shared/reasoning/counted-model.ts'
import { patternOf } from '#shared/reasoning/patterns.ts'
import { limitsOf } from '#shared/reasoning/reasoning.ts'
import { requestOf } from '#shared/reasoning/request-of.ts'
import type { AnswerMemory, Remembered } from './answer-memory.ts'
import type { Answer, Answerer, AnswerRequest } from './answerer.ts'
import { callKeyOf } from './child-execution.ts'
import type { ExecutionRecord } from './execution-record.ts'
import { llmCallerOf } from './llm-caller-of.ts'
import { openToolbox, type ToolboxDependencies, toolCallerOf } from './open-toolbox.ts'

export type LlmAnswererDependencies = ToolboxDependencies & {
  providers: LlmProviders
  /** Absent where no agent remembers anything. */
  memory?: AnswerMemory | undefined
}

/** Answers for agents that are data alone: the model is asked as the agent's pattern says, and its words go to the stream as they come. */
export function llmAnswerer(dependencies: LlmAnswererDependencies): Answerer {
  return async (request) => {
    const { agent, record, writer } = request
    if (agent.kind !== 'llm')
      throw new SluiceError('no_agent_available', `the agent "${agent.agentId}" is code: its own function answers`)
    requireTaskType(agent, record.type)
    const remembered = await dependencies.memory?.begin({ ...request, agent })
    try {
      const answer = await answerFrom(dependencies, { ...request, agent }, remembered)
      await remembered?.finish(writer.text())
      return answer
    } catch (error) {
      await remembered?.giveUp(error)
      throw error
    }
  }
}

async function answerFrom(
  dependencies: LlmAnswererDependencies,
  request: Omit<AnswerRequest, 'agent'> & { agent: LlmAgent },
  remembered: Remembered | undefined,
): Promise<Answer> {
  const { agent, record, signal, addUsage } = request
  const settings = mergeSettings(agent.llm, record.llm)
  const messages = questionOf(agent, record, remembered)
  const [model, answer, output] = await Promise.all([
    dependencies.providers.open(settings, llmCallerOf(record)),
    patternOf(patternNameOf(agent)),
    agent.output && ruleOf(agent.output),
  ])
  const toolbox = await openToolbox(dependencies, agent, record, signal)
  try {
    return await answer({
      ...reasoningOf(request),
      leave: async (callId) => dependencies.toolboxes?.leave(toolCallerOf(record), callKeyOf(record.executionId, callId)),
      model: countedModel(model, settings, addUsage),
      request: requestOf(settings),
      messages,
      toolbox,
      limits: limitsOf(agent.reasoning),
      team: agent.team,
      output,
    })
  } finally {
    await toolbox.close()
  }
}

const ruleOf = async (output: OutputSettings): Promise<OutputRule> =>
  (await import('#shared/prompts/output-rule.ts')).outputRule(output)

/** An agent that says nothing of it reacts to tools, and otherwise takes one turn. */
const patternNameOf = ({ reasoningPattern, tools = [], team }: LlmAgent) =>
  reasoningPattern ?? (team ? 'multi_agent' : tools.length > 0 ? 'react' : 'direct')

/** What of a request a pattern needs. */
const reasoningOf = ({
  record,
  writer,
  checkpoints,
  approvals,
  signal,
}: Pick<AnswerRequest, 'record' | 'writer' | 'checkpoints' | 'approvals' | 'signal'>) => ({
  checkpoints,
  approvals,
  stream: writer,
  keyOf: (callId: string) => callKeyOf(record.executionId, callId),
  signal,
})

function questionOf(
  { name, persona, prompts }: LlmAgent,
  { input, startedAt, createdAt }: ExecutionRecord,
  remembered: Remembered | undefined,
): LlmMessage[] {
  const variables = promptVariables({ input, agentName: name, now: startedAt ?? createdAt })
  return buildPrompt({ persona, prompts, input, variables, ...remembered })
}
