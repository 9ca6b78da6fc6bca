import type { LambdaFunctionURLEvent } from 'aws-lambda'
import type { AccessDependencies, Credentials } from '#shared/access/authenticate.ts'
import { principalSource } from '#shared/access/principal-source.ts'
import { attachmentsIn } from '#shared/messaging/attachments.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import type { CreateExecution } from '#shared/protocol/execution.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import { readJsonBody } from '../../doors/read-json-body.ts'
import { directRun, requireRunner } from '../direct-run.ts'
import type { RunStreamDependencies } from '../run-stream.ts'
import type { Served } from '../served.ts'
import { idempotencyKeyOf } from '../stream-request.ts'
import { chatCompletion } from './chat-completion.ts'
import { type ChatRequest, chatRequest } from './chat-request.ts'
import { type ChatRun, errorOf, executionHeader, whatIsSaid } from './chat-run.ts'
import { type ChatWriter, chatWriter } from './chat-writer.ts'
import { refuse } from './openai-error.ts'

/**
 * Longest wait for an answer that is not streamed, in milliseconds: the front door gives up on an origin that is silent for a minute.
 */
const LONGEST_SILENCE_MS = 50_000

/**
 * Latest start of a stream, in milliseconds after the request. Until then, a failure before the first word can still be answered with a status of
 * its own.
 */
const LATEST_BEGIN_MS = 10_000

/**
 * Answers a chat completion with an execution, which runs to its end even if the caller leaves.
 *
 * @throws what requireRunner, chatRequest and directRun throw, before the answer has begun
 */
export async function answerChat(
  dependencies: RunStreamDependencies,
  access: AccessDependencies,
  { credentials, event }: { credentials: Credentials; event: LambdaFunctionURLEvent },
  served: Served,
): Promise<void> {
  const principal = await requireRunner(access, credentials, served.meet)
  const chat = chatRequest(readJsonBody(event, MAX_REFERENCED_BYTES))
  if (!agentIdSchema.safeParse(chat.asked.agentId).success) throw new NotFoundError('agent', chat.asked.agentId)
  const owner = { tenant: principal.tenant, source: principalSource(principal.subject) }
  const asked = await withImages(dependencies, owner, chat)
  const run = await directRun(dependencies, principal, asked, { idempotencyKey: idempotencyKeyOf(event), served })

  const signal = served.answer.signalUntil(principal.expiresAt)
  const chatRun: ChatRun = { ...run, head: run.record, signal }
  if (chat.stream) await streamChat(dependencies, chatRun, chat, served)
  else await wholeChat(dependencies, chatRun, served)
}

/** Stores the images of a question as attachments, and names them in its input. */
async function withImages(
  { artifacts }: Pick<RunStreamDependencies, 'artifacts'>,
  owner: { tenant: string; source: string },
  { asked, images }: ChatRequest,
): Promise<CreateExecution> {
  if (images.length === 0) return asked
  const attachments = await Promise.all(images.map((image) => attachmentsIn(artifacts).put(owner, image)))
  return { ...asked, input: { ...asked.input, attachments } }
}

async function streamChat(
  dependencies: RunStreamDependencies,
  run: ChatRun,
  { includeUsage }: ChatRequest,
  { answer }: Served,
): Promise<void> {
  let writer: ChatWriter | undefined
  const begin = (): ChatWriter => {
    writer ??= answer.start((body) => chatWriter(body, run.head, run.signal), executionHeader(run))
    return writer
  }
  const latest = setTimeout(begin, LATEST_BEGIN_MS)
  try {
    const said = await whatIsSaid(dependencies, run, async (text) => begin().say(text))
    if (said.status === 'completed') begin().finish(said.reason, { told: includeUsage, usage: said.usage })
    else if (answer.gone.aborted) return
    else if (writer) writer.breakOff(errorOf(said))
    else refuse(answer, errorOf(said), executionHeader(run))
  } finally {
    clearTimeout(latest)
  }
}

async function wholeChat(dependencies: RunStreamDependencies, run: ChatRun, { answer }: Served): Promise<void> {
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(LONGEST_SILENCE_MS)])
  const said = await whatIsSaid(dependencies, { ...run, signal })
  if (answer.gone.aborted) return
  if (said.status !== 'completed') return refuse(answer, errorOf(said), executionHeader(run))
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', ...executionHeader(run) }
  const { text, reason, usage } = said
  answer.respond({ statusCode: 200, headers }, JSON.stringify(chatCompletion(run.head, text, reason, usage)))
}
