import { type KeyChoice, keyServiceOf } from '#shared/llm/key-service.ts'
import type { Latencies } from './latencies.ts'
import type { LatencyReader } from './virtual-models.ts'

/** The service under which a model's calls are counted: that of its key, or else the provider's name. */
export const countedService = (choice: KeyChoice): string => keyServiceOf(choice) ?? choice.provider

/** How long the candidates of a virtual model took lately. */
export const latencyReader =
  (latencies: Latencies): LatencyReader =>
  (tenant, choice) => {
    const { provider, model } = choice
    return latencies.firstTokenMs(tenant, { provider, model, service: countedService(choice) })
  }
