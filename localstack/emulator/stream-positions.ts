import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const savedSchema = z.looseObject({ payload: z.looseObject({ dynamodb_stream_positions: z.unknown() }) })

/**
 * The emulator saves how far functions have read the change streams, but not the streams: after a start with kept state they would skip
 * as many changes as they had seen before. Forgets it, so that they begin where the streams do.
 *
 * @param folder - where the emulator keeps the state of its services
 */
export async function forgetStreamPositions(folder: string): Promise<void> {
  const file = join(folder, 'lambda.json')
  const saved = savedSchema.safeParse(await readFile(file, 'utf8').then(JSON.parse, () => undefined))
  if (!saved.success) return
  const { dynamodb_stream_positions: _, ...payload } = saved.data.payload
  await writeFile(file, JSON.stringify({ ...saved.data, payload }))
}
