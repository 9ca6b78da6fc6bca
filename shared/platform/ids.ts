import { v5, v7 } from 'uuid'

/** Namespace of derived ids; never changes, or redelivered messages would run twice. */
const NAMESPACE = '5c1f3a52-6c8e-4f3e-9a53-3f1d6a2f9b7e'

/** A new id, UUIDv7: sorts by time of creation. */
export const newId = (): string => v7()

/** The same id for the same parts, in every process and for ever. */
export const derivedId = (...parts: string[]): string => v5(JSON.stringify(parts), NAMESPACE)
