/** Query parameters that an address of the socket stands for. */
export type SocketAlias = Record<string, string>

/**
 * Other addresses of the socket, by path: `/ws`, `/ws/<endpoint>` and `/ws/agent-stream/<executionId>`, for clients that were written for
 * them. An API of API Gateway has one address, which takes the rest as a query.
 *
 * Its source text is what CloudFront runs: it uses nothing from outside, and no syntax younger than ES2020.
 *
 * @returns undefined when the path is none of them
 */
export function socketAlias(path: string): SocketAlias | undefined {
  if (path === '/socket' || path === '/ws' || path === '/ws/') return {}
  const [, kind, id] = /^\/ws\/(agent-stream\/)?([A-Za-z0-9][A-Za-z0-9_.-]*)$/.exec(path) || []
  if (id === undefined) return undefined
  return kind === undefined ? { endpoint: id } : { executionId: id, view: 'flat' }
}
