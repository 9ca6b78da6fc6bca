import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import type { Allowance } from '#shared/limits/rate-limiter.ts'
import { requestIdOf } from '#shared/platform/request-id.ts'
import type { Answer, Route } from './route.ts'

/** What becomes known of a request while it is served, for the headers of its answer, its line in the log, and whoever records it. */
export type RequestFacts = {
  /** The caller's id for it, or API Gateway's. */
  readonly requestId: string
  principal?: VerifiedPrincipal
  allowance?: Allowance | undefined
  /** The tenant of the caller is closed: nothing of it is written any more. */
  isClosed?: boolean
  /** When it was taken up, in milliseconds since the epoch. */
  startedAt?: number
  /** What was asked for, absent where no route was found, and what came of it. */
  route?: Route
  answer?: Answer
}

const known = new WeakMap<APIGatewayProxyEventV2, RequestFacts>()

/** The facts of a request: the same object as long as the request lasts. */
export function factsOf(event: APIGatewayProxyEventV2): RequestFacts {
  const facts = known.get(event) ?? { requestId: requestIdOf(event.headers['x-request-id'], event.requestContext.requestId) }
  known.set(event, facts)
  return facts
}
