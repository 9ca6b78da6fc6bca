import type { StoredLetter } from '#shared/messaging/dead-letters.ts'
import { newId } from '#shared/platform/ids.ts'

export type LetterOverrides = Partial<Omit<StoredLetter, 'attributes' | 'body'>> & {
  /** A text goes as it is, anything else as JSON. */
  body?: unknown
  attributes?: Record<string, string>
}

/** A dead letter of the tenant `acme` that dispatch refused. */
export function aLetter({ body = { question: 'why?' }, attributes = {}, ...overrides }: LetterOverrides = {}): StoredLetter {
  const texts = { tenant: 'acme', topic: 'questions', code: 'not_found', detail: 'agent "nobody" does not exist', ...attributes }
  return {
    queue: 'ingress',
    id: newId(),
    receipt: 'receipt',
    sentAt: Date.parse('2026-11-21T09:30:00Z'),
    receiveCount: 1,
    ...overrides,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: Object.fromEntries(
      Object.entries(texts)
        .filter(([, text]) => text !== '')
        .map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    ),
  }
}

/** A work item that nobody could run. */
export const aWorkLetter = (tenant = 'acme', overrides: LetterOverrides = {}): StoredLetter => ({
  ...aLetter({ queue: 'work', body: { tenant, executionId: 'e-1', agentId: 'assistant' }, ...overrides }),
  attributes: {},
})
