import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OUTPUT } from '#shared/platform/names.ts'
import { deploy, type Target } from './cdk.ts'
import { answerKeepAlive } from './keep-alive.ts'
import { type Outputs, output, readOutputs } from './outputs.ts'

export type DeploymentFiles = {
  /** Cloud assembly. */
  assembly: string
  outputs: string
  /** Fingerprint of what was deployed last. */
  deployed: string
}

/**
 * Deploys the assembly, unless the very same templates (which name each asset by its hash) were deployed here before and still
 * answer.
 *
 * @returns the outputs of its stacks
 */
export async function ensureDeployed(files: DeploymentFiles, target: Target): Promise<Outputs> {
  const fingerprint = await fingerprintOf(files.assembly, target)
  if (fingerprint === (await readFile(files.deployed, 'utf8').catch(() => ''))) {
    const outputs = await readOutputs(files.outputs)
    if (await isAlive(outputs, target)) return outputs
  }
  await deploy(files.assembly, files.outputs, target)
  const outputs = await readOutputs(files.outputs)
  await answerKeepAlive(outputs, target)
  await writeFile(files.deployed, fingerprint)
  return outputs
}

async function fingerprintOf(assembly: string, target: Target): Promise<string> {
  const hash = createHash('sha256').update(`${target.endpointUrl} ${target.region}`)
  for (const template of globSync('*.template.json', { cwd: assembly }).sort())
    hash.update(await readFile(join(assembly, template)))
  return hash.digest('hex')
}

/** Readiness names every dependency of the functions: tables, queues, secrets. */
async function isAlive(outputs: Outputs, { endpointUrl }: Target): Promise<boolean> {
  try {
    const url = `${endpointUrl}/_aws/execute-api/${output(outputs, OUTPUT.httpApiId)}/$default/ready`
    return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).ok
  } catch {
    return false
  }
}
