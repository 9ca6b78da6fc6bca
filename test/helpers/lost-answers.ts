import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

const WRITES = /^(Put|Update|Delete|TransactWrite)/

const broken = (): Error => Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' })

/**
 * Breaks the connection of a client after a write has been made. `repeat`: every time, where the SDK sees it and sends the same request
 * again. `break`: once, and the caller hears of it.
 *
 * @returns how many answers were lost so far
 */
export function loseAnswers(client: DynamoDBDocumentClient, how: 'repeat' | 'break'): { lost(): number } {
  let lost = 0
  let lose = true
  const losing = async <Answer>(commandName: unknown, answer: Answer): Promise<Answer> => {
    if (!WRITES.test(String(commandName))) return answer
    const losesThis = lose
    lose = how === 'repeat' && !lose
    if (!losesThis) return answer
    lost += 1
    throw broken()
  }
  const name = 'loseAnswers'
  if (how === 'repeat') {
    // Inside the SDK's own retries.
    client.middlewareStack.add((next, context) => async (request) => losing(context.commandName, await next(request)), {
      step: 'finalizeRequest',
      priority: 'low',
      name,
    })
  } else {
    client.middlewareStack.add((next, context) => async (input) => losing(context.commandName, await next(input)), {
      step: 'initialize',
      name,
    })
  }
  return { lost: () => lost }
}
