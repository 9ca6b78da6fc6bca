import { describe, expect, it } from 'vitest'
import { deadLetterCalls } from '../../../web/client/dead-letters.ts'
import type { HttpCall } from '../../../web/client/http.ts'

/** The calls, over a door that keeps what it was asked. */
function calls() {
  const asked: [string, HttpCall?][] = []
  const http = async <Answer>(path: string, call?: HttpCall): Promise<Answer> => {
    asked.push(call === undefined ? [path] : [path, call])
    return undefined as Answer
  }
  return { asked, ...deadLetterCalls(http) }
}

const { signal } = new AbortController()

describe('deadLetterCalls', () => {
  it('asks for what the query says, and leaves out what it does not', async () => {
    const { asked, deadLetters } = calls()

    await deadLetters({ code: 'not_found', topic: 'a&b', queue: undefined, limit: 5, signal })
    await deadLetters()

    expect(asked).toEqual([
      ['/v1/dead-letters?code=not_found&topic=a%26b&limit=5', { signal }],
      ['/v1/dead-letters?', { signal: undefined }],
    ])
  })

  it('names one by queue and id', async () => {
    const { asked, deadLetter } = calls()

    await deadLetter('agent-a/b', 'id?', { signal })

    expect(asked).toEqual([['/v1/dead-letters/agent-a%2Fb/id%3F', { signal }]])
  })

  it.each(['redrive', 'discard'] as const)('%s sends the selection', async (verb) => {
    const { asked, ...client } = calls()

    await client[verb]({ queue: 'work', ids: ['l-1'] })

    expect(asked).toEqual([
      [`/v1/dead-letters/${verb}`, { method: 'POST', body: { queue: 'work', ids: ['l-1'] }, signal: undefined }],
    ])
  })
})
