import { createHash } from 'node:crypto'

/** One of `count` shards, always the same one for the same name. */
export const shardOf = (name: string, count: number): number => createHash('sha256').update(name).digest().readUInt16BE(0) % count
