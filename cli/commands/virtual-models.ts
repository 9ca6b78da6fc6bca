import * as z from 'zod'
import {
  type ModelNeeds,
  type NamedVirtualModel,
  type ShownVirtualModel,
  type VirtualModel,
  vendorSchema,
  virtualModelSchema,
} from '#shared/protocol/model.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import type { CliContext } from '../context.ts'
import { CliError, UsageError } from '../errors.ts'
import { readJsonFile } from '../input.ts'
import { formatTable } from '../table.ts'

type Flags = {
  strategy?: string | undefined
  needs?: string | undefined
  'context-tokens'?: string | undefined
  file?: string | undefined
  yes?: boolean | undefined
}

const PATH = '/v1/virtual-models'
const STRATEGIES = virtualModelSchema.shape.strategy.options
/** Options that say a part of the rule. */
const RULE_FLAGS = ['strategy', 'needs', 'context-tokens'] as const
const ABILITIES = ['images', 'tools', 'output'] as const
const HELP = 'npx sluice virtual-models --help shows what there is'
const EXAMPLE = 'openai/gpt-4o-mini anthropic/claude-haiku-4-5'

export const virtualModels = defineCommand({
  name: 'virtual-models',
  summary: 'Lists models that are rules, shows one, makes or changes one, or removes it.',
  usage: ['[list]', 'show <name>', 'set <name> <provider/model …>', 'set <name> --file <file>', 'remove <name>'],
  description:
    'Agents ask for {"provider": "virtual", "model": "<name>"}; the rule says which of its candidates is asked, and the others stand by, should it fail. fast, smart and cheap are built in, made ' +
    'of models whose vendors have keys, until a rule of that name takes their place. "set" says all of the rule. A file has it in JSON, as "show" prints it; a candidate with a "service" of its own is written there. A change counts after a minute at the latest.',
  options: {
    strategy: { type: 'string', placeholder: STRATEGIES.join('|'), help: 'with set: which one comes first (order)' },
    needs: { type: 'string', placeholder: 'abilities', help: `with set: what a candidate must have: ${ABILITIES.join(',')}` },
    'context-tokens': { type: 'string', placeholder: 'tokens', help: 'with set: for how many it must have room' },
    file: { type: 'string', short: 'f', placeholder: 'file', help: 'with set: the rule in JSON, - for stdin' },
    yes: { type: 'boolean', help: 'with remove: does not ask' },
  },
  examples: [
    'npx sluice virtual-models',
    `npx sluice virtual-models set fast ${EXAMPLE} --strategy fastest --needs tools`,
    'npx sluice virtual-models show fast > fast.json',
    'npx sluice virtual-models set fast --file fast.json',
    'npx sluice virtual-models remove fast --yes',
  ],
  async run(values, [verb, ...rest], context) {
    const act = await actionOf(verb, rest, values, context)
    return perform(act, await context.http(values), values, context)
  },
})

/** @throws UsageError */
async function actionOf(
  verb: string | undefined,
  [name, ...more]: string[],
  flags: Flags,
  context: CliContext,
): Promise<Action<HttpCaller>> {
  const { yes, file } = flags
  if (verb !== 'set' && (file !== undefined || RULE_FLAGS.some((flag) => flags[flag] !== undefined)))
    throw new UsageError('--strategy, --needs, --context-tokens and --file belong to "set"', 'leave them out')
  if (verb !== 'remove' && yes !== undefined) throw new UsageError('--yes belongs to "remove"', 'leave it out')
  if (verb === undefined || verb === 'list') {
    expectNoMore(name === undefined ? [] : [name], 'virtual-models')
    return list
  }
  if (verb !== 'show' && verb !== 'set' && verb !== 'remove') throw unknownVerb('virtual-models', verb)
  if (name === undefined) throw new UsageError('which one?', `npx sluice virtual-models ${verb} fast`)
  if (verb === 'set') return set(name, await readRule(more, flags, context))
  expectNoMore(more, 'virtual-models')
  return verb === 'show' ? show(name) : remove(name, yes ?? false)
}

const list: Action<HttpCaller> = async (http, { signal, stderr }) => {
  const answer = await http<{ virtualModels: ShownVirtualModel[] }>(PATH, { signal })
  const { virtualModels: all } = answer
  if (all.length === 0) stderr.line(`there are none; npx sluice virtual-models set fast ${EXAMPLE} makes one`)
  return { text: all.length === 0 ? '' : tableOf(all), json: answer }
}

/** As a file for `set`: without the name. */
const show =
  (name: string): Action<HttpCaller> =>
  async (http, { signal }) => {
    const { virtualModels: all } = await http<{ virtualModels: ShownVirtualModel[] }>(PATH, { signal })
    const found = all.find((one) => one.name === name)
    if (!found) throw new CliError('not_found', `there is no virtual model "${name}"`, 'npx sluice virtual-models lists them')
    const { name: _, builtIn: __, ...rule } = found
    return { text: JSON.stringify(rule, undefined, 2), json: found }
  }

const set =
  (name: string, rule: VirtualModel): Action<HttpCaller> =>
  async (http, { signal }) => {
    const made = await http<NamedVirtualModel>(pathOf(name), { method: 'PUT', body: rule, signal })
    return { text: tableOf([made]), json: made }
  }

const remove =
  (name: string, isSure: boolean): Action<HttpCaller> =>
  async (http, context) => {
    const { confirm } = await import('../confirm.ts')
    if (!isSure) await confirm(`Remove ${name}? Agents that use it are not answered any more.`, context)
    await http(pathOf(name), { method: 'DELETE', signal: context.signal })
    return { text: `${name} removed`, json: { name, removed: true } }
  }

const pathOf = (name: string): string => `${PATH}/${encodeURIComponent(name)}`

/** @throws UsageError naming the field that is wrong */
async function readRule(candidates: readonly string[], flags: Flags, context: CliContext): Promise<VirtualModel> {
  const { file } = flags
  const isSaid = candidates.length > 0 || RULE_FLAGS.some((flag) => flags[flag] !== undefined)
  if (file !== undefined && isSaid) throw new UsageError('the file says all of the rule', 'leave out what stands beside --file')
  if (file === undefined && candidates.length === 0) throw new UsageError('which models?', `name them in their order: ${EXAMPLE}`)
  const read = file === undefined ? ruleOf(candidates, flags) : withoutName(await readJsonFile(file, context))
  const rule = virtualModelSchema.safeParse(read)
  if (rule.success) return rule.data
  throw new UsageError(`this is no rule: ${z.prettifyError(rule.error)}`, HELP)
}

/** What `show --json` prints has a name, and what is no rule's; the command line says which one counts. */
function withoutName(read: unknown): unknown {
  if (typeof read !== 'object' || read === null) return read
  const { name: _, builtIn: __, ...rule }: { name?: unknown; builtIn?: unknown } = read
  return rule
}

const ruleOf = (candidates: readonly string[], { strategy = 'order', needs, 'context-tokens': room }: Flags) => ({
  strategy,
  candidates: candidates.map(candidateOf),
  ...((needs !== undefined || room !== undefined) && { needs: { ...abilitiesOf(needs), ...roomOf(room) } }),
})

/** Names of models have slashes, too: the first one ends the provider. */
function candidateOf(text: string) {
  const slash = text.indexOf('/')
  const provider = vendorSchema.safeParse(text.slice(0, Math.max(slash, 0)))
  if (slash > 0 && provider.success) return { provider: provider.data, model: text.slice(slash + 1) }
  throw new UsageError(
    `"${text}" is no provider and model`,
    `write openai/gpt-4o-mini; there are: ${vendorSchema.options.join(', ')}`,
  )
}

function abilitiesOf(text: string | undefined): ModelNeeds {
  const names = text === undefined ? [] : text.split(/\s*,\s*/)
  const unknown = names.find((name) => !ABILITIES.some((ability) => ability === name))
  if (unknown !== undefined) throw new UsageError(`--needs does not know "${unknown}"`, `there are: ${ABILITIES.join(', ')}`)
  return Object.fromEntries(names.map((name) => [name, true]))
}

function roomOf(text: string | undefined): ModelNeeds {
  if (text === undefined) return {}
  if (!/^[1-9]\d*$/.test(text))
    throw new UsageError(`--context-tokens "${text}" is no whole number above zero`, 'for instance 32000')
  return { contextTokens: Number(text) }
}

function tableOf(all: readonly ShownVirtualModel[]): string {
  const rows = all.map(({ name, strategy, candidates, needs = {}, builtIn }) => {
    const { contextTokens, ...abilities } = needs
    const wanted = Object.entries(abilities).flatMap(([ability, isNeeded]) => (isNeeded ? [ability] : []))
    const room = contextTokens === undefined ? [] : [`${contextTokens.toLocaleString('en')} tokens`]
    return [name, strategy, candidates.map(candidateText).join(', '), [...wanted, ...room].join(', ') || '-', nowOf(builtIn)]
  })
  return formatTable([['NAME', 'STRATEGY', 'CANDIDATES', 'NEEDS', 'NOW'], ...rows])
}

/** Which model a built-in rule comes to. */
function nowOf(builtIn: ShownVirtualModel['builtIn']): string {
  if (!builtIn) return '-'
  const { now } = builtIn
  if (!now) return 'built in: no key'
  return now.provider === 'default' ? "built in: the stage's model" : `built in: ${now.provider}/${now.model}`
}

const candidateText = ({ provider, model, service }: VirtualModel['candidates'][number]): string =>
  `${provider}/${model}${service === undefined ? '' : ` (${service})`}`
