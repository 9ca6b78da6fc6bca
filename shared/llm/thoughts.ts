/**
 * A signed thought of a turn, and how many blocks that can be seen stand before it: vendors check that thoughts come back as they were, where they were.
 * Seen are the turn's text, as one block, and each call of a tool.
 */
export type Thought<Block> = { before: number; block: Block }

/** Puts the thoughts of a turn back between its text and calls. */
export function withThoughts<Block>(visible: readonly Block[], thoughts: readonly Thought<Block>[]): Block[] {
  const at = (index: number): Block[] =>
    thoughts.flatMap(({ before, block }) => (Math.min(before, visible.length) === index ? [block] : []))
  return [...visible.flatMap((block, index) => [...at(index), block]), ...at(visible.length)]
}
