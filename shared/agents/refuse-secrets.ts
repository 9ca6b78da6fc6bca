import { SluiceError } from '#shared/platform/errors.ts'
import { isKey, isSecretUnder, kindOfName, type NameKind } from './key-material.ts'

/** Objects that name what they hold: `{"name": "x-api-key", "value": "…"}`. */
const NAMING_FIELDS = ['name', 'key', 'header', 'field']
const MESSAGE = 'looks like a key or a password'

/**
 * Refuses a request in which a key stands, in a value or in a name, however deep. Neither the error nor anything else repeats the value: a key that came over the wire this way should be changed.
 *
 * @throws SluiceError `secret_in_request` naming the paths
 */
export function refuseSecrets(request: unknown): void {
  const paths = [...findSecrets(request, [], undefined)].map((path) => path.join('.'))
  if (paths.length === 0) return
  throw new SluiceError(
    'secret_in_request',
    `what stands at "${paths.join('", "')}" ${MESSAGE}: store it in Secrets Manager as "{platform}-{service}-secret", and name the service`,
    { fields: paths.map((path) => ({ path, message: MESSAGE })) },
  )
}

/** Paths of what is secret. @param kind - what the names above say of the value */
function* findSecrets(value: unknown, path: readonly string[], kind: NameKind): Generator<readonly string[]> {
  if (typeof value === 'string') {
    if (isKey(value) || (kind && isSecretUnder(kind, value))) yield path
    return
  }
  if (typeof value !== 'object' || value === null) return
  const named = Array.isArray(value) ? undefined : kindOfSibling(value)
  for (const [name, inner] of Object.entries(value)) {
    const shown = isKey(name) ? '*' : name
    if (shown !== name) yield [...path, shown]
    const own = Array.isArray(value) ? undefined : kindOfName(name)
    yield* findSecrets(inner, [...path, shown], own ?? (name === 'value' ? named : undefined) ?? kind)
  }
}

function kindOfSibling(holder: object): NameKind {
  for (const [name, value] of Object.entries(holder))
    if (NAMING_FIELDS.includes(name) && typeof value === 'string' && kindOfName(value)) return kindOfName(value)
  return undefined
}
