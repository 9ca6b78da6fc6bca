import type * as z from 'zod'
import { SETTING_SOURCES, type Setting, type SettingSource, type settingSchema } from '#shared/protocol/agent-configuration.ts'

type Value = NonNullable<z.infer<typeof settingSchema>['value']>

/** What each source says of a setting; a secret's value is known by its name alone. */
export type Layers = Partial<Record<Exclude<SettingSource, 'secret'>, Value | undefined>> & {
  secret?: Setting['secret'] | undefined
}

/**
 * A setting as it holds: the strongest source that says something decides, explicit before environment before secret before default.
 *
 * @returns undefined when none says anything
 */
export function effectiveSetting(name: string, layers: Layers): Setting | undefined {
  const source = SETTING_SOURCES.find((candidate) => layers[candidate] !== undefined)
  if (source === undefined) return undefined
  return source === 'secret' ? { name, source, secret: layers.secret } : { name, source, value: layers[source] }
}
