import type { Agent } from '#shared/protocol/agent.ts'
import { aFunctionAgent, anAgent } from '../../helpers/executions.ts'

export const TOPICS = 3

/** They stand before anything is asked, whatever the clock does: an agent gets no work that is older than itself. */
const createdAt = '2020-01-01T00:00:00.000Z'

/** Agents of every kind of narrowness; two of them subscribe to each topic, and some wait long before they try again. */
const MODEL_AGENTS: Agent[] = [2, 3, 5, 10, 20, 40].map((maxConcurrency, index) =>
  anAgent({
    agentId: `agent-${index}`,
    topics: [`topic-${index % TOPICS}`],
    maxConcurrency,
    createdAt,
    retry: { maxAttempts: 6, backoffSeconds: index % 2 === 0 ? 0.02 : 45 },
  }),
)

/** Code that works in steps and saves after each: invocations end under it. */
export const MARATHON: Agent = aFunctionAgent({
  ...{ agentId: 'marathon', topics: [], maxConcurrency: 4, createdAt },
  retry: { maxAttempts: 12, backoffSeconds: 0.02 },
})

/** Code that asks people before it acts, and waits for its turn before that. */
export const CAREFUL: Agent = aFunctionAgent({
  ...{ agentId: 'careful', topics: [], maxConcurrency: 3, createdAt },
  retry: { maxAttempts: 12, backoffSeconds: 0.02 },
})

export const AGENTS: readonly Agent[] = [...MODEL_AGENTS, MARATHON, CAREFUL]

/** An agent that is deleted in the middle of its work, again and again; another one takes its id. */
export const PASSING: Agent = anAgent({ agentId: 'passing', topics: [], maxConcurrency: 2 })
