import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { verifyToken } from '#shared/access/token.ts'
import { readEnvironment } from '../../../cli/environment.ts'
import { openLocalMint } from '../../../cli/local-token.ts'

const NEVER = new AbortController().signal
const SECRET = 'a-secret-of-the-local-stage-with-enough-characters'
const REQUEST = { subject: 'ada', tenant: 'acme', scopes: ['agents:read'], expiresInSeconds: 60 } as const

let server: Server | undefined

/** Secrets Manager, as far as one call needs it; records which secret was asked for. */
async function startSecretsManager(status: number, body: object) {
  const asked: unknown[] = []
  server = createServer(async (request, response) => {
    asked.push(JSON.parse(Buffer.concat(await request.toArray()).toString()))
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { environment: readEnvironment({ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` }), asked }
}

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

it('signs with the secret of the local stage', async () => {
  const { environment, asked } = await startSecretsManager(200, { SecretString: SECRET })

  const mint = await openLocalMint(environment, NEVER)

  expect(await verifyToken(await mint(REQUEST), [SECRET])).toMatchObject({
    subject: 'ada',
    tenant: 'acme',
    scopes: ['agents:read'],
  })
  expect(asked).toEqual([{ SecretId: 'sluice-local-token-key' }])
})

it('says to wait when the app is not deployed yet', async () => {
  const { environment } = await startSecretsManager(400, { __type: 'ResourceNotFoundException', message: 'no such secret' })

  await expect(openLocalMint(environment, NEVER)).rejects.toMatchObject({
    code: 'no_local_cloud',
    advice: 'wait until "npm start" says that it is ready',
    exitCode: 1,
  })
})

it('says to start one when nothing runs, or nothing answers', async () => {
  const nothingRuns = openLocalMint(readEnvironment({ SLUICE_STATE_DIR: '/nowhere' }), NEVER)
  const nothingAnswers = openLocalMint(readEnvironment({ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }), NEVER)

  await expect(nothingRuns).rejects.toMatchObject({ code: 'no_local_cloud', exitCode: 3 })
  await expect(nothingAnswers).rejects.toMatchObject({ code: 'no_local_cloud', exitCode: 3 })
})
