/** What of an OpenAPI document says which operations there are. */
export type DescribedOperations = { paths: Record<string, Record<string, { operationId: string; tags: readonly string[] }>> }

/** Which operations are meant; all of them where nothing is said. */
export type OperationFilter = {
  /** Ids of operations, separated by commas. */
  only?: string | undefined
  /** What their paths begin with. */
  path?: string | undefined
  /** Their chapter of the description. */
  chapter?: string | undefined
}

export type Chapter = { name: string; operations: string[] }

/**
 * The operations that are meant, by the chapters of the description: each is a run of its own, after which there is something to tell.
 *
 * @throws Error when none is meant, or an operation that is not there
 */
export function chaptersOf({ paths }: DescribedOperations, { only, path = '', chapter }: OperationFilter): Chapter[] {
  const named = only?.split(',').map((id) => id.trim())
  const operations = Object.entries(paths).flatMap(([place, methods]) =>
    Object.values(methods).map(({ operationId, tags: [tag = ''] }) => ({ place, operationId, tag })),
  )
  const unknown = named?.filter((id) => !operations.some(({ operationId }) => operationId === id)) ?? []
  if (unknown.length > 0) throw new Error(`the description has no operation ${unknown.join(', ')}`)
  const meant = operations.filter(
    ({ place, operationId, tag }) =>
      place.startsWith(path) && (chapter === undefined || tag === chapter) && (!named || named.includes(operationId)),
  )
  if (meant.length === 0) throw new Error('no operation is meant: see docs/api-operations.md')
  const chapters = Map.groupBy(meant, ({ tag }) => tag)
  return [...chapters].map(([name, found]) => ({ name, operations: found.map(({ operationId }) => operationId) }))
}
