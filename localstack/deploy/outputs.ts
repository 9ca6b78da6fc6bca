import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { LocalCloudError } from '../local-cloud-error.ts'

/** Outputs of all stacks, by their keys (`OUTPUT` in shared/platform/names.ts). */
export type Outputs = Readonly<Record<string, string>>

const outputsFileSchema = z.record(z.string(), z.record(z.string(), z.string()))

export async function readOutputs(file: string): Promise<Outputs> {
  const stacks = outputsFileSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  return Object.assign({}, ...Object.values(stacks))
}

/** @throws LocalCloudError when the deployment has no such output */
export function output(outputs: Outputs, key: string): string {
  const value = outputs[key]
  if (value === undefined) throw new LocalCloudError(`the deployment has no output "${key}"`, 'begin anew: npm start -- --reset')
  return value
}
