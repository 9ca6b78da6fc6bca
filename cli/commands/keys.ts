import { serviceSecretName } from '#shared/platform/names.ts'
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
  fingerprint?: string | undefined
  all?: boolean | undefined
  yes?: boolean | undefined
}

/** Options that belong to one verb alone. */
const OPTIONS: Record<string, readonly (keyof Values)[]> = {
  set: ['add', 'replace', 'base-url', 'api-version', 'requests-per-minute', 'tokens-per-minute', 'weight'],
  check: ['provider', 'model'],
  remove: ['fingerprint', 'all', 'yes'],
}

export const keys = defineCommand({
  name: 'keys',
  summary: 'Keys of model providers: sets them, lists them without showing them, asks whether they work, removes them.',
  usage: ['[list]', '(set | check) <service>', 'remove <service> --fingerprint <fingerprint>', 'remove <service> --all'],
  description:
    'Keys are in Secrets Manager and are read and written with your own AWS credentials; of the running local cloud for the stage local. A key is piped ' +
    'in or typed without an echo: never on the command line, where the history and everybody on the machine would have it. No command shows a key: they are ' +
    'told apart by fingerprints, which "list" has.',
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
    fingerprint: { type: 'string', placeholder: 'fingerprint', help: 'with remove: which key' },
    all: { type: 'boolean', help: 'with remove: all keys of the service, and their secret with them' },
    yes: { type: 'boolean', help: 'with remove: does not ask, and takes the last key as well' },
  },
  examples: [
    'npx sluice keys',
    'pass show openai | npx sluice keys set openai',
    'npx sluice keys set openai --add --requests-per-minute 500',
    'npx sluice keys set our-gateway --base-url https://llm.example.com/v1 --stage prod',
    'npx sluice keys check openai',
    'npx sluice keys remove openai --fingerprint 5f0c1a52e9b3',
    'npx sluice keys remove our-gateway --all --stage prod',
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
  refuseForeign(verb, values)
  switch (verb) {
    case undefined:
    case 'list':
      if (service !== undefined) throw new UsageError('"keys list" takes no service', 'npx sluice keys')
      return list
    case 'set':
      return set(serviceOf(service), values)
    case 'check':
      return check(serviceOf(service), values)
    case 'remove':
      return remove(serviceOf(service), values)
    default:
      throw new UsageError(
        '"keys" has the verbs list, set, check and remove',
        'keys that callers of the API have are "npx sluice api-keys"',
      )
  }
}

function refuseForeign(verb: string | undefined, values: Values): void {
  const foreign = Object.entries(OPTIONS).flatMap(([owner, names]) =>
    owner === verb ? [] : names.filter((name) => values[name] !== undefined),
  )
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
    const text = `${service}: ${countOf(count)}; ${created ? 'in use from now on' : 'in use within a minute'}`
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

function remove(service: string, { fingerprint, all = false, yes = false }: Values): Action<KeyVault> {
  if (all === (fingerprint !== undefined))
    throw new UsageError('which key?', 'give the --fingerprint of one, which "npx sluice keys" has, or --all')
  if (fingerprint !== undefined && !/^[0-9a-f]{12}$/.test(fingerprint))
    throw new UsageError(
      'this is no fingerprint',
      '"npx sluice keys" has them: 12 hexadecimal digits; a key is never an argument',
    )
  const what = fingerprint === undefined ? 'all keys' : `the key ${fingerprint}`
  return async (vault, context) => {
    const { confirm } = await import('../confirm.ts')
    const { removeKeys } = await import('../provider-keys/remove-keys.ts')
    const secret = serviceSecretName(vault.platform, service)
    const ask = async (left: number): Promise<void> => {
      if (!yes) await confirm(`Remove ${what} of ${secret} for good? ${countOf(left)} left then.`, context)
    }
    const left = await removeKeys(vault, { service, fingerprint, mayBeLast: yes, confirm: ask })
    context.stderr.line('whoever has a removed key can still use it: revoke it at the provider as well')
    return { text: `${service}: ${what} removed; ${countOf(left)} left`, json: { service, keys: left } }
  }
}

const countOf = (keyCount: number): string => `${keyCount === 0 ? 'no' : keyCount} ${keyCount === 1 ? 'key' : 'keys'}`

function tableOf(services: readonly ListedKeys[]): string {
  const rows = services.map(({ service, name, keys: count, fingerprints, versions, lastChanged }) => [
    service,
    name,
    count === undefined ? 'malformed' : String(count),
    String(versions),
    lastChanged ?? '',
    fingerprints.join(' '),
  ])
  return formatTable([['SERVICE', 'SECRET', 'KEYS', 'VERSIONS', 'CHANGED', 'FINGERPRINTS'], ...rows])
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
