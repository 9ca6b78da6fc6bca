import { ENV } from '#shared/platform/names.ts'
import type { StageConfig } from '../stage-config.ts'

/** What the functions that call models are told: names and addresses, never a key; and whether they tell figures. */
export function modelEnvironment(config: StageConfig): Record<string, string> {
  const { llmModel, llmEndpoint, llmApiKeySecretArn, llmTimeoutSeconds, llmMaxTokens } = config
  return {
    [ENV.modelHosts]: config.modelHosts.join(','),
    [ENV.metricsEnabled]: String(config.metrics),
    ...(llmModel !== undefined && { [ENV.llmModel]: llmModel }),
    ...(llmEndpoint !== undefined && { [ENV.llmEndpoint]: llmEndpoint }),
    ...(llmApiKeySecretArn !== undefined && { [ENV.llmApiKeySecretArn]: llmApiKeySecretArn }),
    ...(llmTimeoutSeconds !== undefined && { [ENV.llmTimeout]: String(llmTimeoutSeconds) }),
    ...(llmMaxTokens !== undefined && { [ENV.llmMaxTokens]: String(llmMaxTokens) }),
  }
}
