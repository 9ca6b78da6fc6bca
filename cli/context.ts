import type { Readable } from 'node:stream'
import type { HttpCaller } from '../web/client/http.ts'
import type { CliClient, Target } from './connect.ts'
import type { CliEnvironment } from './environment.ts'
import type { Output } from './output.ts'
import type { KeyVault } from './provider-keys/key-vault.ts'

/** Everything a command touches; tests pass their own. */
export interface CliContext {
  stdin: Readable & { isTTY?: boolean }
  stdout: Output
  stderr: Output
  environment: CliEnvironment
  /** Aborts with an {@link Interruption}. */
  signal: AbortSignal
  /** A client of the front door that the options and the environment name. The command closes it. */
  connect(target: Target): Promise<CliClient>
  /** Calls the same front door, for what the client has no word for. */
  http(target: Target): Promise<HttpCaller>
  /** The secrets of a stage, with the caller's own AWS credentials. The command closes it. */
  vault(stage: string): Promise<KeyVault>
}
