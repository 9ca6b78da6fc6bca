import { existsSync } from 'node:fs'
import type { CliEnvironment } from '../environment.ts'
import { findLocalCloud } from '../local-cloud.ts'
import type { Finding } from './finding.ts'
import { checkLocalCloud } from './local-cloud.ts'
import { probeCommand, probePort, probeUrl } from './probes.ts'
import { checkChromium, checkDependencies, checkJava, checkNode, checkNpm, checkPython } from './tools.ts'

/** Everything that the two commands need, looked for on this machine alone: no registry and no account is asked. */
export async function examine(environment: CliEnvironment, signal: AbortSignal): Promise<Finding[]> {
  const run = (command: string, args: string[]): Promise<string | undefined> => probeCommand(command, args, signal)
  const cloud = {
    endpointUrl: environment.endpointUrl,
    running: await findLocalCloud(environment.stateDir),
    isPortFree: probePort,
    answers: (url: string) => probeUrl(url, signal),
  }
  const findings = await Promise.all([
    checkNode(run),
    checkNpm(run),
    checkDependencies(existsSync),
    checkPython(run, environment.endpointUrl),
    checkLocalCloud(cloud),
    checkChromium(existsSync, environment.chromiumPath, process.getuid?.() === 0),
    checkJava(run),
  ])
  return findings.flat()
}
