/**
 * Examines a server by the rules of `docs/protocol.md`.
 *
 *   npm run conformance                                      the local cloud that runs
 *   npm run conformance -- --url https://… --token <token>   any other; the token also from SLUICE_TOKEN
 *   npm run conformance -- --only sse                        one part
 *   npm run --silent conformance -- --json                   for programs
 */
import { readEnvironment } from '../../cli/environment.ts'
import { conformance } from './command.ts'

process.exitCode = await conformance(process.argv.slice(2), readEnvironment(), console.log)
