import { generationSchema } from '#shared/protocol/llm.ts'
import { type ModelEntry, modelFactsSchema } from '#shared/protocol/model.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import { UsageError } from '../errors.ts'
import { readFields } from '../fields.ts'
import { allPages } from '../pages.ts'
import { formatTable } from '../table.ts'

type ModelPage = { models: ModelEntry[]; next?: string }

const PARAMETERS = generationSchema.keyof().options
const PAGE = '200'
const ADVICE = 'npx sluice models --help shows what there is'

export const models = defineCommand({
  name: 'models',
  summary: 'Shows what is known of models: limits, prices, abilities; and says otherwise for your tenant.',
  usage: ['[list]', 'set <provider> <model> <field=value …>', 'unset <provider> <model>'],
  description:
    'A name that ends with "*" stands for all that begin like it. Prices are in millionths of a dollar for a million tokens: 2500000 is $2.50. A model that is not ' +
    'listed can be used all the same. Fields: contextTokens, maxOutputTokens, maxStopSequences, price.input, price.output, price.cachedInput, abilities.images, ' +
    'abilities.tools, abilities.output, abilities.reasoning, and drops: parameters that it does not take, with commas between them. Rules that choose one of ' +
    'several models are "sluice virtual-models".',
  options: { provider: { type: 'string', placeholder: 'provider', help: 'only its models' } },
  examples: [
    'npx sluice models --provider openai',
    "npx sluice models set custom 'llama-3*' contextTokens=128000 price.input=200000 price.output=200000",
    'npx sluice models set openai gpt-4o abilities.images=false drops=temperature,topP',
    "npx sluice models unset custom 'llama-3*'",
  ],
  async run({ provider, ...values }, [verb, ...rest], context) {
    if (provider !== undefined && verb !== undefined && verb !== 'list')
      throw new UsageError('--provider belongs to the list', 'leave it out')
    const act = actionOf(verb, rest, provider)
    return perform(act, await context.http(values), values, context)
  },
})

function actionOf(verb: string | undefined, rest: string[], provider: string | undefined): Action<HttpCaller> {
  if (verb === undefined || verb === 'list') {
    expectNoMore(rest, 'models')
    return list(provider)
  }
  const [vendor, model, ...fields] = rest
  if (verb !== 'set' && verb !== 'unset') throw unknownVerb('models', verb)
  if (vendor === undefined || model === undefined)
    throw new UsageError('which model?', `npx sluice models ${verb} openai gpt-4o …`)
  if (model.includes('/')) throw new UsageError(`"${model}" has a slash`, `give its beginning: '${model.split('/')[0]}*'`)
  const path = `/v1/models/${encodeURIComponent(vendor)}/${encodeURIComponent(model)}`
  if (verb === 'set') return set(path, fields)
  expectNoMore(fields, 'models unset')
  return async (http, { signal }) => {
    await http(path, { method: 'DELETE', signal })
    return { text: `${vendor}/${model}: the catalogue counts again`, json: { provider: vendor, model, removed: true } }
  }
}

const list =
  (provider: string | undefined): Action<HttpCaller> =>
  async (http, { signal }) => {
    const filter = { limit: PAGE, ...(provider && { provider }) }
    const pages = await allPages((cursor) =>
      http<ModelPage>(`/v1/models?${new URLSearchParams({ ...filter, ...cursor })}`, { signal }),
    )
    const entries = pages.flatMap((page) => page.models)
    return { text: tableOf(entries), json: { models: entries } }
  }

function set(path: string, fields: readonly string[]): Action<HttpCaller> {
  const facts = modelFactsSchema.safeParse(readFacts(fields))
  const [issue] = facts.error?.issues ?? []
  if (issue?.path[0] === 'drops')
    throw new UsageError('drops takes names of parameters', `drops=temperature,topP; there are: ${PARAMETERS.join(', ')}`)
  if (issue) throw new UsageError([issue.path.join('.'), issue.message].filter((part) => part !== '').join(': '), ADVICE)
  if (fields.length === 0) throw new UsageError('what is to be said of it?', 'name a field: contextTokens=128000')
  return async (http, { signal }) => {
    const entry = await http<ModelEntry>(path, { method: 'PUT', body: facts.data, signal })
    return { text: tableOf([entry]), json: entry }
  }
}

/** A list may also be written with commas. */
function readFacts(fields: readonly string[]): Record<string, unknown> {
  const { drops, ...facts } = readFields(fields)
  if (drops === undefined) return facts
  return { ...facts, drops: typeof drops === 'string' ? drops.split(/\s*,\s*/) : drops }
}

function tableOf(entries: readonly ModelEntry[]): string {
  const rows = entries.map(({ provider, model, contextTokens, maxOutputTokens, price, abilities = {}, source, asOf }) => [
    provider,
    model,
    contextTokens?.toLocaleString('en') ?? '-',
    maxOutputTokens?.toLocaleString('en') ?? '-',
    price ? `$${price.input / 1_000_000} / $${price.output / 1_000_000}` : '-',
    Object.entries(abilities)
      .flatMap(([name, has]) => (has ? [name] : []))
      .join(' ') || '-',
    source === 'tenant' ? `yours, ${asOf}` : (asOf ?? 'not checked'),
  ])
  return formatTable([['PROVIDER', 'MODEL', 'CONTEXT', 'ANSWER', 'PRICE PER MILLION', 'ABILITIES', 'AS OF'], ...rows])
}
