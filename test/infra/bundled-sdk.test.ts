import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUNDLE_PLUGINS } from '../../infra/bundling/bundle-functions.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PARTITIONS = '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws'

const SOURCE = `
import { createServer } from 'node:http'
import { DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
export { partition } from './node_modules/${PARTITIONS}/partition.js'
export { partitionsInfo } from './node_modules/${PARTITIONS}/partitions.js'
export { Sha256 } from '@smithy/core/checksum'
export { DefaultRateLimiter } from '@smithy/core/retry'

/** What the client makes of an answer. */
export async function refused(status, type, rest) {
  const server = createServer((request, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#' + type, message: 'no', ...rest }))
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const client = new DynamoDBClient({
    endpoint: 'http://127.0.0.1:' + server.address().port,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  })
  try {
    await DynamoDBDocumentClient.from(client).send(new PutCommand({ TableName: 'table', Item: { pk: 'a' } }))
  } catch (error) {
    return { error, isOfDynamo: error instanceof DynamoDBServiceException }
  } finally {
    client.destroy()
    server.close()
  }
}`

type Bundled = {
  partition(region: string): Record<string, unknown>
  partitionsInfo: { partitions: { regions: Record<string, unknown> }[] }
  Sha256: new (secret?: string) => { update(data: Uint8Array): void; digest(): Promise<Uint8Array> }
  DefaultRateLimiter: new () => unknown
  refused(status: number, type: string, rest?: object): Promise<{ error: unknown; isOfDynamo: boolean }>
}

describe('the SDK in the handlers', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bundled-sdk-'))
  let bundled: Bundled
  let whole: Bundled

  async function make(name: string, plugins: Plugin[]): Promise<Bundled> {
    const outfile = join(directory, name)
    await build({
      stdin: { contents: SOURCE, resolveDir: ROOT },
      plugins,
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      mainFields: ['module', 'main'],
      banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    })
    return import(pathToFileURL(outfile).href)
  }

  beforeAll(async () => {
    bundled = await make('bundled.mjs', BUNDLE_PLUGINS)
    whole = await make('whole.mjs', [])
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  it('finds the same partition of every region as the whole list does', () => {
    const regions = whole.partitionsInfo.partitions.flatMap((listed) => Object.keys(listed.regions))

    for (const region of [...regions, 'eu-nowhere-9', 'cn-new-1', 'nonsense']) {
      const { description: _, ...expected } = whole.partition(region)
      expect(bundled.partition(region), region).toEqual(expected)
    }
    expect(regions.length).toBeGreaterThan(40)
  })

  it('reads what a failed condition met', async () => {
    const { error } = await bundled.refused(400, 'ConditionalCheckFailedException', { Item: { pk: { S: 'there' } } })

    expect(error).toMatchObject({ name: 'ConditionalCheckFailedException', Item: { pk: { S: 'there' } } })
  })

  it('reads why a transaction was cancelled', async () => {
    const { error } = await bundled.refused(400, 'TransactionCanceledException', { CancellationReasons: [{ Code: 'None' }] })

    expect(error).toMatchObject({ name: 'TransactionCanceledException', CancellationReasons: [{ Code: 'None' }] })
  })

  it.each([
    [400, 'ThrottlingException'],
    [400, 'ResourceInUseException'],
    [400, 'LimitExceededException'],
    [500, 'InternalServerError'],
    [503, 'AnErrorOfTomorrow'],
  ])('throws what %i %s says by its name, known or not', async (status, name) => {
    const { error, isOfDynamo } = await bundled.refused(status, name)

    expect(isOfDynamo).toBe(true)
    expect(error).toMatchObject({ name, message: 'no', $metadata: { httpStatusCode: status } })
  })

  it('hashes and signs with what Node has', async () => {
    const hash = new bundled.Sha256()
    hash.update(Buffer.from('abc'))
    const signature = new bundled.Sha256('key')
    signature.update(Buffer.from('abc'))

    expect(Buffer.from(await hash.digest()).toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    expect(Buffer.from(await signature.digest()).toString('hex')).toBe(
      '9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab',
    )
  })

  it('says so where somebody sets a mode of retries that is left out', () => {
    expect(() => new bundled.DefaultRateLimiter()).toThrow('no adaptive retries')
  })
})
