import * as z from 'zod'
import { NotFoundError, SluiceError } from '#shared/platform/errors.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { previewAgentPromptSchema, previewPromptSchema, promptPreviewSchema } from '#shared/protocol/prompt.ts'
import { previewPrompt } from '../preview-prompt.ts'
import { type Route, route } from '../route.ts'

const shared = {
  method: 'POST',
  tag: 'Models',
  status: 200,
  response: promptPreviewSchema,
  /** It changes nothing. */
  audited: 'refusals',
  idempotency: 'repeatable',
} as const

export const PROMPT_ROUTES: readonly Route[] = [
  route({
    ...shared,
    path: '/v1/prompts/preview',
    operation: 'previewPrompt',
    summary: 'What a model would be told, for prompts of no agent',
    description:
      'Nothing is called. An unknown variable in any of the prompts is a `validation_error` that names it and the known ones, whether or not it would be said for this input.',
    scope: 'agents:read',
    body: previewPromptSchema,
    async handle({ principal: { tenant }, body: { agentName = 'agent', ...body } }, dependencies) {
      return { body: await previewPrompt(dependencies, { tenant, agentName, ...body }) }
    },
  }),

  route({
    ...shared,
    path: '/v1/agents/{agentId}/prompt-preview',
    operation: 'previewAgentPrompt',
    summary: 'What the model of an agent would be told',
    description:
      "Nothing is called. `prompts` are taken in place of the agent's, while they are written. An unknown variable in any of them is a `validation_error`. `warnings` say what the agent's model would not do as it is asked.",
    errors: ['not_found', 'unsupported'],
    scope: 'agents:read',
    params: z.object({ agentId: agentIdSchema }),
    body: previewAgentPromptSchema,
    async handle({ principal: { tenant }, params: { agentId }, body: { input, prompts } }, dependencies) {
      const agent = await dependencies.agents.get(tenant, agentId)
      if (!agent) throw new NotFoundError('agent', agentId)
      if (agent.kind !== 'llm') throw new SluiceError('unsupported', `the agent "${agentId}" is no data: it has no prompts`)
      const { name, persona, llm, output } = agent
      return {
        body: await previewPrompt(dependencies, {
          tenant,
          agentName: name,
          persona,
          prompts: { ...agent.prompts, ...prompts },
          input,
          llm,
          output,
        }),
      }
    },
  }),
]
