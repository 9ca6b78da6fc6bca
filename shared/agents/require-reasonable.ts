import { ValidationError } from '#shared/platform/errors.ts'
import type { LlmDefinition } from '#shared/protocol/agent-definition.ts'
import type { FieldError } from '#shared/protocol/problem.ts'

type Definition = Pick<LlmDefinition, 'reasoningPattern' | 'tools' | 'team'>

/**
 * Refuses tools, teams and patterns that have nothing to do with each other: what an agent is given is used.
 *
 * @throws ValidationError naming all that do not fit
 */
export function requireReasonable(definition: Definition): void {
  const wrong = [...idleTools(definition), ...idleTeam(definition), ...twice(definition)]
  if (wrong.length === 0) return
  const said = wrong.map(({ path, message }) => `"${path}" ${message}`).join('; ')
  throw new ValidationError(`the definition contradicts itself: ${said}`, wrong)
}

function idleTools({ reasoningPattern, tools = [], team }: Definition): FieldError[] {
  if (tools.length === 0) return []
  if (reasoningPattern === 'direct')
    return [{ path: 'reasoningPattern', message: '"direct" calls no tools: use "react", or leave out the tools' }]
  if (reasoningPattern === 'multi_agent' || team)
    return [{ path: 'tools', message: 'are not used by a team: give them to its agents' }]
  return []
}

function idleTeam({ reasoningPattern, team }: Definition): FieldError[] {
  if (reasoningPattern === 'multi_agent' && !team)
    return [{ path: 'team', message: 'is missing: say which agents work together' }]
  if (team && reasoningPattern !== undefined && reasoningPattern !== 'multi_agent')
    return [{ path: 'reasoningPattern', message: 'does not ask the team: use "multi_agent", or leave out the team' }]
  return []
}

const twice = ({ tools = [], team }: Definition): FieldError[] => [
  ...repeated(tools.map(({ name }) => name)).map((place) => ({ path: `tools.${place}.name`, message: 'is there twice' })),
  ...repeated(team?.agents ?? []).map((place) => ({ path: `team.agents.${place}`, message: 'is there twice' })),
]

const repeated = (names: readonly string[]): number[] =>
  names.flatMap((name, place) => (names.indexOf(name) < place ? [place] : []))
