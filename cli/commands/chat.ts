import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { visibleJson } from '#shared/protocol/visible-json.ts'
import type { ExecutionResult, ExecutionStream } from '../../web/client/index.ts'
import { createAnswerPrinter } from '../answer-printer.ts'
import { readImages, uploadImages } from '../attachments.ts'
import { defineCommand } from '../command.ts'
import type { CliContext } from '../context.ts'
import { parseDuration } from '../duration.ts'
import { CliError, UsageError } from '../errors.ts'
import { finishExecution, resultLine } from '../finish-execution.ts'
import { readInput } from '../input.ts'
import { announceReconnects } from '../reconnects.ts'

export const chat = defineCommand({
  name: 'chat',
  summary: 'Asks an agent and shows its answer as it comes.',
  usage: ['<agent> [text | -]'],
  description:
    'Without a text, or with "-", the text is read from stdin. Only the answer goes to stdout; it is complete, and its ' +
    'number of events and its SHA-256 are verified, when the exit code is 0. When an attempt of the model fails in ' +
    'mid-answer, the answer may begin anew on a new line, and stderr says so: programs take --whole or --json. Images are ' +
    'PNG, JPEG, GIF or WebP, up to 3.5 MB each, and eight at the most; not every model looks at them.',
  options: {
    attach: { type: 'string', multiple: true, placeholder: 'file', help: 'an image to look at; may be given several times' },
    thinking: {
      type: 'boolean',
      help: 'what the model says to itself, on stderr (on a terminal by itself; --no-thinking hides it)',
    },
    whole: { type: 'boolean', help: 'prints the answer at once when it is verified, not as it comes' },
    timeout: { type: 'string', default: '15m', placeholder: 'duration', help: 'gives up after this time (15m)' },
  },
  examples: [
    "npx sluice chat assistant 'Say hello in one sentence.'",
    'git log -5 | npx sluice chat assistant',
    "npx sluice chat assistant 'What differs?' --attach before.png --attach after.png",
    "npx sluice chat assistant 'Why is the sky blue?' --json | tail -n 1",
  ],
  async run(values, [agentId, ...words], context) {
    if (agentId === undefined)
      throw new UsageError('which agent?', "npx sluice chat assistant 'Hello'; npx sluice agents lists them")
    const seconds = parseDuration(values.timeout, '--timeout')
    const content = words.length === 0 || words[0] === '-' ? await readInput(context) : words.join(' ')
    if (content.trim() === '') throw new UsageError('there is no text to ask', `npx sluice chat ${agentId} 'Hello'`)
    const images = await readImages(values.attach ?? [])

    const deadline = AbortSignal.timeout(seconds * 1_000)
    const signal = AbortSignal.any([context.signal, deadline])
    const client = await context.connect(values)
    let stream: ExecutionStream | undefined
    try {
      announceReconnects(client, context.stderr)
      const attachments = images.length === 0 ? undefined : await uploadImages(images, await context.http(values), signal)
      stream = await client.run(agentId, content, { packed: false, signal, attachments })
      const thinking = values.thinking ?? context.stderr.isTTY
      const result = await (values.json ? printEvents : printAnswer)(stream, context, { thinking, whole: values.whole ?? false })
      return finishExecution(result, context)
    } catch (error) {
      if (stream && context.signal.aborted) tellHowToFollow(stream, context)
      if (!deadline.aborted || context.signal.aborted) throw error
      throw new CliError('timeout', `no complete answer within ${values.timeout}`, 'give it more time with --timeout', {
        cause: error,
      })
    } finally {
      client.close()
    }
  },
})

interface PrintOptions {
  thinking: boolean
  whole: boolean
}

async function printEvents(stream: ExecutionStream, { stdout }: CliContext): Promise<ExecutionResult> {
  for await (const event of stream) stdout.line(JSON.stringify(event))
  const result = await stream.done
  stdout.line(resultLine(result))
  return result
}

async function printAnswer(stream: ExecutionStream, context: CliContext, options: PrintOptions): Promise<ExecutionResult> {
  const { applyEvent, INITIAL_STATE } = await import('../../web/client/stream-reducer.ts')
  const { stdout, stderr } = context
  const printer = createAnswerPrinter(stdout, () => stderr.line(stderr.style('yellow', 'the answer begins anew')))
  const showThinking = thinkingPrinter(context)
  let state = INITIAL_STATE
  for await (const event of stream) {
    state = applyEvent(state, event)
    if (options.thinking) showThinking(event)
    if (event.type === 'tool_call' && event.data.approval) stderr.line(stderr.style('yellow', questionOf(event.data)))
    if (!options.whole) printer.show(state.text)
  }
  const result = await stream.done
  if (result.text !== '') printer.finish(result.text)
  if (stderr.isTTY) stderr.line(stderr.style('dim', summaryOf(result)))
  return result
}

/** Thoughts in grey, and a new line between them and what follows. What is being done, and warnings, have lines of their own. */
function thinkingPrinter({ stderr }: CliContext): (event: ExecutionEvent) => void {
  let isThinking = false
  return (event) => {
    const isThought = event.type === 'thinking' && event.data.status === undefined
    if (isThinking && !isThought) stderr.write('\n')
    if (isThought) stderr.write(stderr.style('dim', event.data.text))
    else if (event.type === 'thinking') stderr.line(stderr.style('dim', event.data.text))
    isThinking = isThought
  }
}

/** What a person decides on before the answer goes on. */
const questionOf = ({ toolName, arguments: given, approval }: Extract<ExecutionEvent, { type: 'tool_call' }>['data']): string =>
  `${toolName} ${visibleJson(given)} waits for a person: npx sluice approvals approve ${approval?.approvalId} (or deny)`

function summaryOf({ events, sha256, usage }: ExecutionResult): string {
  const tokens = usage ? ` · ${usage.inputTokens} tokens in, ${usage.outputTokens} out` : ''
  return `verified: ${events} events, sha256 ${sha256.slice(0, 12)}…${tokens}`
}

function tellHowToFollow({ executionId }: ExecutionStream, { stderr }: CliContext): void {
  stderr.line(`\nleft; the agent goes on: npx sluice tail execution:${executionId}`)
}
