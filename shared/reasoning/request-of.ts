import { type Generation, generationSchema, type LlmSettings } from '#shared/protocol/llm.ts'
import type { Reasoning } from './reasoning.ts'

const PARAMETERS = generationSchema.keyof().options

/** What every request says, of settings that also say where a model is and what happens around a call. */
export function requestOf(settings: LlmSettings): Reasoning['request'] {
  const said = PARAMETERS.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]]]))
  const generation: Generation = Object.fromEntries(said)
  return { ...generation, model: settings.model }
}
