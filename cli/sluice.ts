#!/usr/bin/env node
import { readEnvironment } from './environment.ts'
import { Interruption } from './errors.ts'
import { main } from './main.ts'
import { createOutput } from './output.ts'

const interrupt = new AbortController()

// Only once: a second Ctrl-C ends the process at once.
process.once('SIGINT', () => interrupt.abort(new Interruption('SIGINT')))
process.once('SIGTERM', () => interrupt.abort(new Interruption('SIGTERM')))
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    interrupt.abort(new Interruption('SIGPIPE'))
  })
}

const environment = readEnvironment()
const exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: createOutput(process.stdout, environment.colour),
  stderr: createOutput(process.stderr, environment.colour),
  environment,
  signal: interrupt.signal,
  connect: async (target) => (await import('./connect.ts')).connect(target, environment, interrupt.signal),
  http: async (target) => (await import('./connect.ts')).connectHttp(target, environment, interrupt.signal),
  vault: async (stage) =>
    (await import('./provider-keys/secrets-manager-key-vault.ts')).secretsManagerKeyVault(stage, environment, interrupt.signal),
})

// Not left to the event loop: a socket that is closing would keep the terminal waiting.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
process.exit(exitCode)
