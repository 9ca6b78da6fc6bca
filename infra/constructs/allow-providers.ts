import { Aws } from 'aws-cdk-lib/core'
import { serviceSecretName } from '#shared/platform/names.ts'
import type { StageConfig } from '../stage-config.ts'
import { acknowledgeWildcard } from './acknowledge.ts'
import type { SluiceFunction } from './sluice-function.ts'

/** The secret of the stage's default model, where it is none of the stage's own. */
export const ownSecret = ({ llmApiKeySecretArn: secret }: StageConfig): string[] => (secret?.startsWith('arn:') ? [secret] : [])

/**
 * Lets a function call models. Keys of model providers are created by hand, after deployment; Secrets Manager ends every ARN with six random
 * characters.
 */
export function allowProviders(handler: SluiceFunction, config: StageConfig): void {
  const name = serviceSecretName(config.platform, '*')
  const secrets = `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${name}-*`
  acknowledgeWildcard(handler, secrets, 'one secret for each model provider, created after deployment')
  handler.allow(['secretsmanager:GetSecretValue'], secrets, ...ownSecret(config))
  const { bedrockModelArns: models, bedrockGuardrailArns: guardrails } = config
  if (models.length > 0) handler.allow(['bedrock:InvokeModelWithResponseStream'], ...models)
  // A call that names a guardrail is refused without it, whatever else the role may do.
  if (guardrails.length > 0) handler.allow(['bedrock:ApplyGuardrail'], ...guardrails)
}
