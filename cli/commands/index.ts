import type { Command } from '../command.ts'

/** Each command is loaded when it is called: nobody waits for what another one needs. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['chat', async () => (await import('./chat.ts')).chat],
  ['publish', async () => (await import('./publish.ts')).publish],
  ['tail', async () => (await import('./tail.ts')).tail],
  ['agents', async () => (await import('./agents.ts')).agents],
  ['executions', async () => (await import('./executions.ts')).executions],
  ['prompts', async () => (await import('./prompts.ts')).prompts],
  ['approvals', async () => (await import('./approvals.ts')).approvals],
  ['conversations', async () => (await import('./conversations.ts')).conversations],
  ['notes', async () => (await import('./notes.ts')).notes],
  ['metrics', async () => (await import('./metrics.ts')).metrics],
  ['usage', async () => (await import('./usage.ts')).usage],
  ['models', async () => (await import('./models.ts')).models],
  ['virtual-models', async () => (await import('./virtual-models.ts')).virtualModels],
  ['budgets', async () => (await import('./budgets.ts')).budgets],
  ['queues', async () => (await import('./queues.ts')).queues],
  ['dead-letters', async () => (await import('./dead-letters.ts')).deadLetters],
  ['keys', async () => (await import('./keys.ts')).keys],
  ['api-keys', async () => (await import('./api-keys.ts')).apiKeys],
  ['tools', async () => (await import('./tools.ts')).tools],
  ['audit', async () => (await import('./audit.ts')).audit],
  ['token', async () => (await import('./token.ts')).token],
  ['tenant', async () => (await import('./tenant.ts')).tenant],
  ['doctor', async () => (await import('./doctor.ts')).doctor],
])
