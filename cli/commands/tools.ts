import { toSluiceError } from '#shared/platform/errors.ts'
import { toolsFromOpenapi } from '#shared/tools/tools-from-openapi.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { readJsonArgument } from '../input.ts'

export const tools = defineCommand({
  name: 'tools',
  summary: 'Makes tools of agents out of a description of an API.',
  usage: ['from-openapi <file | -> --operation <operationId>'],
  description:
    'Prints a JSON list for the field "tools" of an agent. Nothing is sent anywhere. A key does not belong there: add "headers" that name the secret of a service.',
  options: {
    operation: {
      type: 'string',
      multiple: true,
      placeholder: 'operationId',
      help: 'which operation; may be given several times',
    },
  },
  examples: ['npx sluice tools from-openapi shop.json --operation getOrder --operation cancelOrder'],
  async run({ operation = [] }, [verb, file, ...more], context) {
    expectNoMore(more, 'tools')
    if (verb === undefined) throw new UsageError('out of what?', 'npx sluice tools from-openapi <file> --operation <operationId>')
    if (verb !== 'from-openapi') throw unknownVerb('tools', verb)
    if (file === undefined) throw new UsageError('which file?', 'npx sluice tools from-openapi <file> --operation <operationId>')
    if (operation.length === 0) throw new UsageError('which operation?', 'add --operation <operationId>')
    const document = await readJsonArgument(file === '-' ? file : `@${file}`, context)
    context.stdout.line(JSON.stringify(made(document, operation), undefined, 2))
    return EXIT_CODE.ok
  },
})

function made(document: unknown, operations: readonly string[]): unknown {
  try {
    return toolsFromOpenapi(document, operations)
  } catch (error) {
    throw new UsageError(toSluiceError(error).message, 'only operations with path, query and a JSON object can be tools')
  }
}
