import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

const WRITES = /^(Put|Update|Delete)Item|^TransactWriteItems/

/**
 * Loses the answers of a client's writes. `repeat`: the request goes out again, as the SDK sends it when no answer came; the second answer
 * arrives. `break`: the connection breaks, once; the caller hears of nothing but that.
 *
 * @returns how many answers were lost so far
 */
export function loseAnswers(client: DynamoDBDocumentClient, how: 'repeat' | 'break'): { lost(): number } {
  let lost = 0
  client.middlewareStack.add(
    (next, context) => async (request) => {
      const answer = await next(request)
      const write = WRITES.test(String(context.commandName).replace(/Command$/, ''))
      if (!write || (how === 'break' && lost > 0)) return answer
      lost += 1
      if (how === 'break') throw Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' })
      return next(request)
    },
    // Before retries and signing: a request that was sent already is sent again as it is.
    { step: 'finalizeRequest', priority: 'high', name: 'loseAnswers' },
  )
  return { lost: () => lost }
}
