/** Query parameters that an address of the socket stands for. */
export type SocketAlias = Record<string, string>

/**
 * Other addresses of the socket, by path: `/ws`, `/ws/<endpoint>` and `/ws/agent-stream/<executionId>`, for clients that were written for
 * them. An API of API Gateway has one address, which takes the rest as a query.
 *
 * Its source text is what CloudFront runs: it uses nothing from outside, and of the syntax younger than ES5 only `const`, `let`, template
 * literals and arrow functions. There is no destructuring, and a function with it cannot be deployed.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
 * @returns undefined when the path is none of them
 */
export function socketAlias(path: string): SocketAlias | undefined {
  if (path === '/socket' || path === '/ws' || path === '/ws/') return {}
  const found = /^\/ws\/(agent-stream\/)?([A-Za-z0-9][A-Za-z0-9_.-]*)$/.exec(path)
  const id = found ? found[2] : undefined
  if (!found || !id) return undefined
  return found[1] ? { executionId: id, view: 'flat' } : { endpoint: id }
}
