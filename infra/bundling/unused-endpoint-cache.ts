/**
 * Takes the place of `@aws-sdk/endpoint-cache` in the handlers: a cache for services whose endpoints are discovered. DynamoDB's client has one, for
 * Timestream's sake, and never fills it.
 */
export class EndpointCache {
  get(): undefined {
    return undefined
  }
}
