import type { ExecutionRecord } from './execution-record.ts'

/** The execution that the chain of this one began with; undefined where that is this one. Whoever names a parent alone stands right after it. */
export const rootOf = ({ parentId, rootId = parentId }: Pick<ExecutionRecord, 'parentId' | 'rootId'>): string | undefined =>
  parentId === undefined ? undefined : rootId
