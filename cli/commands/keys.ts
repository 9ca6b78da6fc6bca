import { LLM_PROVIDERS, type LlmProviderName, serviceSchema } from '#shared/protocol/llm.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand } from '../command.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import type { CheckedKey } from '../provider-keys/check-keys.ts'
import type { KeyVault, ListedKeys } from '../provider-keys/key-vault.ts'
import { formatTable } from '../table.ts'

type Values = {
  add?: boolean | undefined
  replace?: boolean | undefined
  'base-url'?: string | undefined
  'api-version'?: string | undefined
  'requests-per-minute'?: string | undefined
  'tokens-per-minute'?: string | undefined
  weight?: string | undefined
  provider?: string | undefined
  model?: string | undefined
}

const OF_SET = ['add', 'replace', 'base-url', 'api-version', 'requests-per-minute', 'tokens-per-minute', 'weight'] as const
const OF_CHECK = ['provider', 'model'] as const

export const keys = defineCommand({
  name: 'keys',
  summary: 'Keys of model providers: sets them, lists them without showing them, asks whether they work.',
  usage: '[set <service> | check <service>]',
  description:
    'Keys are in Secrets Manager and are read and written with your own AWS credentials; of the running local cloud for the stage local. A key is piped ' +
    'in or typed without an echo: never on the command line, where the history and everybody on the machine would have it.',
  options: {
    stage: { type: 'string', placeholder: 'stage', help: 'whose keys: local, dev, staging or prod (local)' },
    add: { type: 'boolean', help: 'with set: beside the keys that are there' },
    replace: { type: 'boolean', help: 'with set: in place of them; the version before stays in use until the new one works' },
    'base-url': {
      type: 'string',
      placeholder: 'url',
      help: 'with set: root of the API that the keys are for (the one of the vendor)',
    },
    'api-version': { type: 'string', placeholder: 'version', help: 'with set: for azure' },
    'requests-per-minute': { type: 'string', placeholder: 'number', help: 'with set: most calls with this key' },
    'tokens-per-minute': { type: 'string', placeholder: 'number', help: 'with set: most tokens with this key' },
    weight: { type: 'string', placeholder: 'number', help: 'with set: its share, by comparison with the others (1)' },
    provider: { type: 'string', placeholder: 'provider', help: 'with check: whose API (that of the service’s name, or openai)' },
    model: { type: 'string', placeholder: 'model', help: 'with check: which model is asked (the cheapest)' },
  },
  examples: [
    'npx sluice keys',
    'pass show openai | npx sluice keys set openai',
    'npx sluice keys set openai --add --requests-per-minute 500',
    'npx sluice keys set our-gateway --base-url https://llm.example.com/v1 --stage prod',
    'npx sluice keys check openai',
  ],
  async run({ stage = 'local', json, ...values }, [verb, ...rest], context) {
    if (!/^[a-z]+$/.test(stage)) throw new UsageError('this is no stage', 'use local, dev, staging or prod')
    const act = actionOf(verb, rest, values)
    return perform(act, await context.vault(stage), { json }, context)
  },
})

/** Nothing that stands on the command line is quoted in an error: it may be the key. */
function actionOf(verb: string | undefined, [service, ...more]: string[], values: Values): Action<KeyVault> {
  if (more.length > 0) throw new UsageError('a key is no argument', 'pipe it in, or type it when you are asked')
  refuse(verb === 'set' ? OF_CHECK : verb === 'check' ? OF_SET : [...OF_SET, ...OF_CHECK], values)
  switch (verb) {
    case undefined:
    case 'list':
      if (service !== undefined) throw new UsageError('"keys list" takes no service', 'npx sluice keys')
      return list
    case 'set':
      return set(serviceOf(service), values)
    case 'check':
      return check(serviceOf(service), values)
    default:
      throw new UsageError(
        '"keys" has the verbs set, list and check',
        'keys that callers of the API have are "npx sluice api-keys"',
      )
  }
}

function refuse(names: readonly (keyof Values)[], values: Values): void {
  const foreign = names.filter((name) => values[name] !== undefined)
  if (foreign.length > 0) throw new UsageError(`--${foreign.join(', --')} does not belong here`, 'npx sluice keys --help')
}

function serviceOf(service: string | undefined): string {
  if (service === undefined) throw new UsageError('the keys of which service?', 'npx sluice keys set openai')
  // Longer than any name, and as long as a key.
  if (serviceSchema.safeParse(service).success && service.length <= 40 && !/^(sk|pk|gsk|xai)-/.test(service)) return service
  throw new UsageError(
    'this is no name of a service',
    'use up to 40 lower-case letters, digits and "-", such as openai; a key is never an argument',
  )
}

const list: Action<KeyVault> = async (vault, { stderr }) => {
  const services = await vault.list()
  if (services.length === 0) stderr.line('there are no keys')
  return { text: services.length === 0 ? '' : tableOf(services), json: { services } }
}

function set(service: string, values: Values): Action<KeyVault> {
  if (values.add && values.replace) throw new UsageError('--add and --replace contradict each other', 'say one of them')
  const terms = {
    requestsPerMinute: numberOf(values, 'requests-per-minute'),
    tokensPerMinute: numberOf(values, 'tokens-per-minute'),
    weight: numberOf(values, 'weight'),
  }
  return async (vault, context) => {
    const { readHidden } = await import('../provider-keys/read-hidden.ts')
    const { setKey } = await import('../provider-keys/set-key.ts')
    const value = await readHidden(`key of ${service}: `, context)
    const { keys: count, created } = await setKey(vault, {
      service,
      value,
      mode: values.add ? 'add' : values.replace ? 'replace' : undefined,
      baseUrl: values['base-url'],
      apiVersion: values['api-version'],
      terms,
    })
    const text = `${service}: ${count} ${count === 1 ? 'key' : 'keys'}; ${created ? 'in use from now on' : 'in use within a minute'}`
    return { text, json: { service, keys: count, created } }
  }
}

function numberOf(values: Values, name: 'requests-per-minute' | 'tokens-per-minute' | 'weight'): number | undefined {
  const value = values[name]
  if (value === undefined) return undefined
  if (/^\d{1,10}(\.\d{1,3})?$/.test(value) && Number(value) > 0) return Number(value)
  throw new UsageError(`--${name} needs a number`, `--${name} 60`)
}

function check(service: string, { provider, model }: Values): Action<KeyVault> {
  const known = (name: string | undefined): name is LlmProviderName => LLM_PROVIDERS.some((each) => each === name)
  if (provider !== undefined && !known(provider))
    throw new UsageError('this is no provider', `use one of ${LLM_PROVIDERS.join(', ')}`)
  return async (vault, { signal }) => {
    const { checkKeys } = await import('../provider-keys/check-keys.ts')
    const asked = provider ?? (known(service) ? service : 'openai')
    const checked = await checkKeys(vault, { service, provider: asked, model }, signal)
    const isGood = checked.every(({ state }) => state === 'ok')
    return { text: checksOf(checked), json: { service, keys: checked }, exitCode: isGood ? EXIT_CODE.ok : EXIT_CODE.failed }
  }
}

function tableOf(services: readonly ListedKeys[]): string {
  const rows = services.map(({ service, name, keys: count, versions, lastChanged }) => [
    service,
    name,
    count === undefined ? 'malformed' : String(count),
    String(versions),
    lastChanged ?? '',
  ])
  return formatTable([['SERVICE', 'SECRET', 'KEYS', 'VERSIONS', 'CHANGED'], ...rows])
}

function checksOf(checked: readonly CheckedKey[]): string {
  const rows = checked.map(({ fingerprint, state, code = '', status }) => [
    fingerprint,
    state,
    code,
    status ? String(status) : '',
  ])
  return formatTable([['KEY', 'STATE', 'CODE', 'STATUS'], ...rows])
}
