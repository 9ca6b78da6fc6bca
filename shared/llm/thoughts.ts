/**
 * A signed thought of a turn, and how many visible blocks come before it. Vendors check that thoughts come back unchanged and in the same place.
 * Visible blocks are the turn's text, as one block, and each tool call.
 */
export type Thought<Block> = { before: number; block: Block }

/** Puts the thoughts of a turn back into their places among its visible blocks. */
export function withThoughts<Block>(visible: readonly Block[], thoughts: readonly Thought<Block>[]): Block[] {
  const at = (index: number): Block[] =>
    thoughts.flatMap(({ before, block }) => (Math.min(before, visible.length) === index ? [block] : []))
  return [...visible.flatMap((block, index) => [...at(index), block]), ...at(visible.length)]
}
