import { ValidationError } from '#shared/platform/errors.ts'
import type { Agent, LlmAgent } from '#shared/protocol/agent.ts'
import type { LlmProviderName } from '#shared/protocol/llm.ts'
import type { FieldError } from '#shared/protocol/problem.ts'

type Definition = Pick<Agent, 'topics' | 'filters' | 'taskTypes' | 'endpoints' | 'access'> &
  Partial<Pick<LlmAgent, 'components' | 'connections'>> & { llm?: LlmAgent['llm'] | undefined }

/**
 * Refuses a definition whose fields do not fit each other, naming all that do not.
 *
 * @throws ValidationError
 */
export function requireConsistent(definition: Definition): void {
  const wrong = [
    ...foreignFilters(definition),
    ...deafTopics(definition),
    ...foreignEndpoints(definition),
    ...looseConnections(definition),
    ...foreignGuardrail(definition),
    ...foreignConnection(definition),
  ]
  if (wrong.length === 0) return
  const said = wrong.map(({ path, message }) => `"${path}" ${message}`).join('; ')
  throw new ValidationError(`the definition contradicts itself: ${said}`, wrong)
}

const foreignFilters = ({ topics, filters = {} }: Definition): FieldError[] =>
  Object.keys(filters)
    .filter((topic) => !topics.includes(topic))
    .map((topic) => ({ path: `filters.${topic}`, message: 'is for a topic that the agent does not subscribe to' }))

const deafTopics = ({ topics, access }: Definition): FieldError[] =>
  topics.length > 0 && access?.triggers?.includes('topic') === false
    ? [
        {
          path: 'access.triggers',
          message: 'leaves out "topic", but the agent subscribes to topics: add it, or leave out the topics',
        },
      ]
    : []

/** A guardrail that nobody looks at would be a false comfort. */
const foreignGuardrail = ({ llm }: Definition): FieldError[] =>
  llm?.guardrail !== undefined && [llm, ...(llm.fallbacks ?? [])].some(({ provider }) => provider !== 'bedrock')
    ? [{ path: 'llm.guardrail', message: 'is kept by Bedrock alone: ask Bedrock, also in the fallbacks, or leave it out' }]
    : []

/** Providers whose address and whose headers a definition may say; that of the others stands in their secret. */
const WITH_ADDRESS: ReadonlySet<LlmProviderName> = new Set(['custom', 'ollama'])
const WITH_HEADERS: ReadonlySet<LlmProviderName> = new Set(['custom'])

/** An address or headers that no call takes: each would fail, or be made without them. */
function foreignConnection({ llm }: Definition): FieldError[] {
  if (!llm) return []
  const { provider, baseUrl, headers } = llm
  const wrong: FieldError[] = []
  if (baseUrl !== undefined && !WITH_ADDRESS.has(provider))
    wrong.push({ path: 'llm.baseUrl', message: `is for custom and ollama: the address of ${provider} is not the agent's to say` })
  if (headers !== undefined && !WITH_HEADERS.has(provider))
    wrong.push({ path: 'llm.headers', message: `are for custom: ${provider} is called without` })
  return wrong
}

function foreignEndpoints({ endpoints = [], taskTypes }: Definition): FieldError[] {
  const paths = endpoints.map(({ path }) => path.toLowerCase())
  return endpoints.flatMap(({ path, taskType }, place) => {
    const wrong: FieldError[] = []
    if (paths.indexOf(path.toLowerCase()) < place)
      wrong.push({ path: `endpoints.${place}.path`, message: `is there twice: ${path}` })
    if (taskTypes && !taskTypes.includes(taskType))
      wrong.push({ path: `endpoints.${place}.taskType`, message: `names a type that "taskTypes" leaves out: ${taskType}` })
    return wrong
  })
}

function looseConnections({ components = [], connections = [] }: Definition): FieldError[] {
  const ids = components.map(({ id }) => id)
  const twice = ids.flatMap((id, place) =>
    ids.indexOf(id) < place ? [{ path: `components.${place}.id`, message: `is there twice: ${id}` }] : [],
  )
  const loose = connections.flatMap((connection, place) =>
    (['from', 'to'] as const)
      .filter((end) => !ids.includes(connection[end]))
      .map((end) => ({ path: `connections.${place}.${end}`, message: `names no component: ${connection[end]}` })),
  )
  return [...twice, ...loose]
}
