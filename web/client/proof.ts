import type { ExecutionState } from './stream-reducer.ts'

/** Lower-case hex SHA-256 of a text in UTF-8. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** True when the state holds every event the terminal event counts, and exactly the text it hashes. */
export async function isProven({ proof, cursor, text }: ExecutionState): Promise<boolean> {
  return proof !== undefined && cursor === proof.events - 1 && (await sha256Hex(text)) === proof.sha256
}
