import { toSluiceError } from '#shared/platform/errors.ts'
import { openapiOperations, toolsFromOpenapi } from '#shared/tools/tools-from-openapi.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readJsonFile } from '../input.ts'
import { formatTable } from '../table.ts'

export const tools = defineCommand({
  name: 'tools',
  summary: 'Makes tools of agents out of a description of an API.',
  usage: ['from-openapi <file | ->', 'from-openapi <file | -> --operation <operationId>'],
  description:
    'Lists the operations, or prints those that are named as a JSON list for the field "tools" of an agent. Nothing is sent anywhere. A key does not ' +
    'belong there: add "headers" that name the secret of a service.',
  options: {
    operation: {
      type: 'string',
      multiple: true,
      placeholder: 'operationId',
      help: 'which operation; may be given several times',
    },
  },
  examples: [
    'npx sluice tools from-openapi shop.json',
    'npx sluice tools from-openapi shop.json --operation getOrder --operation cancelOrder',
  ],
  async run({ operation, json }, [verb, file, ...more], context) {
    expectNoMore(more, 'tools')
    if (verb === undefined) throw new UsageError('out of what?', 'npx sluice tools from-openapi <file>')
    if (verb !== 'from-openapi') throw unknownVerb('tools', verb)
    if (file === undefined) throw new UsageError('which file?', 'npx sluice tools from-openapi <file>')
    const document = await readJsonFile(file, context)
    if (operation === undefined) list(document, json, context)
    else {
      const picked = made(() => toolsFromOpenapi(document, operation))
      context.stdout.line(JSON.stringify(picked, undefined, 2))
    }
    return EXIT_CODE.ok
  },
})

function list(document: unknown, asJson: boolean | undefined, { stdout, stderr }: CliContext): void {
  const operations = made(() => openapiOperations(document))
  const rows = operations.map(({ operationId = '-', method, path, summary = '' }) => [operationId, method, path, summary])
  if (asJson) stdout.line(JSON.stringify({ operations }))
  else if (rows.length > 0) stdout.line(formatTable([['OPERATION', 'METHOD', 'PATH', 'SUMMARY'], ...rows]))
  stderr.line(
    rows.length === 0
      ? 'the description has no operations'
      : 'pick what is to be a tool: --operation <operationId>, several times if need be; one without an operationId cannot be picked',
  )
}

function made<Made>(read: () => Made): Made {
  try {
    return read()
  } catch (error) {
    throw new UsageError(
      toSluiceError(error).message,
      'tools are made of OpenAPI 3: of operations with path, query and a JSON object',
    )
  }
}
