import { type LlmSettings, llmSettingsSchema } from '#shared/protocol/llm.ts'

/**
 * A model as the setting `defaultModel` names it.
 *
 * @param name - `<provider>/<model>`; models may have slashes in their names
 */
export function readModel(name: string): LlmSettings {
  const [provider, ...model] = name.split('/')
  return llmSettingsSchema.parse({ provider, model: model.join('/') })
}
