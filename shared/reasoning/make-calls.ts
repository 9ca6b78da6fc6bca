import { type Approval, MAX_APPROVAL_ARGUMENTS_BYTES } from '#shared/protocol/approval.ts'
import type { CheckedCall, ToolResult } from '#shared/tools/toolbox.ts'
import type { Progress } from './progress.ts'
import type { Reasoning } from './reasoning.ts'
import { shownCall, shownResult } from './shown-call.ts'
import { type OpenCall, openPairs, type Thread } from './thread.ts'

/** An open call, and what the model wrote. */
type Pair = ReturnType<typeof openPairs>[number]
/** What the toolbox makes of it, too. */
type Ready = Pair & { call: CheckedCall }

/** Most calls of one turn: until all have a result they stand in one checkpoint, with their results. */
export const MAX_CALLS_PER_TURN = 32
/** Longest arguments of the calls of one turn together, in bytes of JSON, for the same reason. */
export const MAX_ARGUMENTS_PER_TURN = 40 * 1024

/** Longest arguments that the model sees again when they were wrong, in bytes. */
const MAX_WRONG_ARGUMENTS = 2_048

/** What the model is told of a call that may have been made before the run was interrupted, and must not be made twice. */
const OUTCOME_UNKNOWN: ToolResult = {
  content: 'It is not known whether this call was carried out: it was interrupted. Find that out before you make it again.',
  isError: true,
}

/**
 * Makes calls until each has a result, some of them side by side. Those that nobody has to decide on come first; then the execution waits for the decisions,
 * and for agents that take their time.
 *
 * What must not be made twice is stored as begun before it is begun. When a run that was interrupted goes on, such a call is not made again: the model is told
 * that its outcome is unknown. Every other call is made again, with the same key.
 *
 * @param thread - part of the state of `progress`: results are written into its open calls
 * @throws SluiceError `payload_too_large`; the signal's reason, which is also how it waits
 */
export async function makeCalls(given: Reasoning, progress: Progress, thread: Thread): Promise<void> {
  const left = openPairs(thread).filter(({ open }) => !open.result)
  const reasoning = leavingOnly(left, given)
  const tooLong = beyondRoom(left)
  const ready = (await Promise.all(left.map((pair) => check(reasoning, pair, tooLong.has(pair) ? TOO_LONG : undefined)))).flat()
  for (const { open, call } of ready) if (open.begun && !call.repeatable) await settle(reasoning, open, OUTCOME_UNKNOWN)
  const guarded = ready.filter(({ open, call }) => open.guarded || call.approvalTimeoutSeconds !== undefined)
  for (const { open } of guarded) open.guarded = true
  const free = ready.filter((one) => !guarded.includes(one))
  await Promise.all(free.map((one) => show(reasoning, one)))
  await progress.save()
  const ends = await makeAll(reasoning, progress, free)
  const { ends: allEnds, expiries } = await makeGuarded(reasoning, progress, guarded, ends)
  // All results are needed before the model is asked again, and nobody else sees the agents' before that: so people come first.
  if (expiries.length > 0) await progress.suspend({ for: 'input', until: Math.min(...expiries, ...allEnds) })
  if (allEnds.length > 0) await progress.suspend({ for: 'agents', until: Math.min(...allEnds) })
}

/** Only a call of an earlier run can have begun what nobody hears: its tool may be gone by now, or be another one. */
function leavingOnly(pairs: readonly Pair[], reasoning: Reasoning): Reasoning {
  const earlier = new Set(pairs.filter(({ open }) => open.shown).map(({ open }) => open.callId))
  return { ...reasoning, leave: async (callId) => (earlier.has(callId) ? reasoning.leave(callId) : undefined) }
}

/** What the model is told of a call that has no room beside those before it. */
const TOO_LONG: ToolResult = {
  content: `The calls of one turn may have arguments of ${MAX_ARGUMENTS_PER_TURN} bytes together, and this one has no room. Make it again, after the others.`,
  isError: true,
}

/** Calls whose arguments have no room beside those before them. One alone has, and those that had in an earlier run still have. */
function beyondRoom(pairs: readonly Pair[]): Set<Pair> {
  let bytes = 0
  return new Set(
    pairs.filter(({ asked }) => {
      const size = Buffer.byteLength(JSON.stringify(asked.arguments))
      const fits = bytes + size <= MAX_ARGUMENTS_PER_TURN
      if (fits) bytes += size
      return !fits
    }),
  )
}

/** A call whose arguments do not fit has its result at once: the model can mend it. */
async function check(reasoning: Reasoning, pair: Pair, refusal: ToolResult | undefined): Promise<Ready[]> {
  const { open, asked } = pair
  const { callId, toolName } = open
  const checked = reasoning.toolbox.check({ callId, toolName, arguments: asked.arguments })
  const wrong = checked.ok ? (refusal ?? tooLargeToDecide(checked.call)) : checked.result
  if (checked.ok && !wrong) return [{ ...pair, call: checked.call }]
  await show(reasoning, pair)
  // Vendors take nothing but JSON back, and nobody needs what is too long.
  if (!isSmallJson(asked.arguments)) asked.arguments = '{}'
  if (wrong) await settle(reasoning, open, wrong)
  return []
}

/** Nobody decides on what he cannot see whole. */
function tooLargeToDecide({ arguments: given, approvalTimeoutSeconds }: CheckedCall): ToolResult | undefined {
  if (approvalTimeoutSeconds === undefined) return undefined
  if (Buffer.byteLength(JSON.stringify(given ?? null)) <= MAX_APPROVAL_ARGUMENTS_BYTES) return undefined
  return {
    content: `A person decides on this call and must see all of it: use arguments of at most ${MAX_APPROVAL_ARGUMENTS_BYTES} bytes.`,
    isError: true,
  }
}

function isSmallJson(text: string): boolean {
  try {
    JSON.parse(text)
    return Buffer.byteLength(text) <= MAX_WRONG_ARGUMENTS
  } catch {
    return false
  }
}

/**
 * Makes calls in rounds, first those that are under way. Those that are left pending go on by themselves, and take part in the number of those that may run
 * at once.
 *
 * @param ends - when the time of each is up that is pending already
 * @returns the same, with those of these calls; milliseconds since the epoch
 */
async function makeAll(
  reasoning: Reasoning,
  progress: Progress,
  calls: readonly Ready[],
  ends: readonly number[] = [],
): Promise<number[]> {
  const { maxParallelTools } = reasoning.limits
  const isUnderWay = ({ open }: Ready): boolean => open.startedAt !== undefined
  const left = calls.filter(({ open }) => !open.result).sort((one, other) => Number(isUnderWay(other)) - Number(isUnderWay(one)))
  const pending = [...ends]
  while (left.length > 0 && pending.length < maxParallelTools) {
    const round = left.splice(0, maxParallelTools - pending.length)
    await begin(progress, round)
    const made = await Promise.all(round.map((one) => make(reasoning, one)))
    pending.push(...made.filter((end) => end !== undefined))
    await progress.save()
  }
  return pending
}

/** The state has been stored just now without this mark: where a hand-over was due, it was then, and not between the mark and the call. */
async function begin(progress: Progress, round: readonly Ready[]): Promise<void> {
  const once = round.filter(({ call }) => !call.repeatable)
  if (once.length === 0) return
  for (const { open } of once) open.begun = true
  await progress.save()
}

/** @returns when its time is up, for one that is left pending */
async function make(reasoning: Reasoning, { open, call }: Ready): Promise<number | undefined> {
  const { toolbox, signal, keyOf } = reasoning
  signal.throwIfAborted()
  const outcome = await toolbox.run(call, { idempotencyKey: keyOf(call.callId), startedAt: open.startedAt, signal })
  if (outcome.status === 'pending') {
    open.startedAt = outcome.startedAt
    return outcome.until
  }
  await settle(reasoning, open, outcome.result)
  return undefined
}

type Waits = {
  /** When the time of each call is up that is pending. */
  ends: readonly number[]
  /** When it is too late to decide on each call that nobody has decided on. */
  expiries: number[]
}

async function makeGuarded(
  reasoning: Reasoning,
  progress: Progress,
  guarded: readonly Ready[],
  ends: readonly number[],
): Promise<Waits> {
  const left = guarded.filter(({ open }) => !open.result)
  if (left.length === 0) return { ends, expiries: [] }
  const approvals = await reasoning.approvals.ask(left.map(({ call }) => questionOf(call)))
  const decided = left.map((ready, place) => ({ ...ready, approval: approvals[place] as Approval }))
  await Promise.all(decided.map((one) => show(reasoning, one, one.approval)))
  for (const { open, call, approval } of decided) {
    const refusal = refusalOf(approval, call)
    if (refusal) await settle(reasoning, open, refusal)
  }
  const approved = decided.filter(({ approval }) => approval.status === 'approved')
  return {
    ends: await makeAll(reasoning, progress, approved, ends),
    expiries: approvals.filter(({ status }) => status === 'pending').map(({ expiresAt }) => Date.parse(expiresAt)),
  }
}

const questionOf = ({ callId, toolName, toolHash, arguments: input, approvalTimeoutSeconds = 0 }: CheckedCall) => ({
  callId,
  toolName,
  toolHash,
  arguments: input,
  timeoutSeconds: approvalTimeoutSeconds,
})

/** What the model is told instead of an approved call: a decision is for the tool as it was when somebody was asked. */
const TOOL_CHANGED: ToolResult = {
  content:
    'Somebody approved this call, but its tool has been changed since, so it is not called as it is now. Make the call again if it is still wanted: it is decided on anew.',
  isError: true,
}

/** Why a call is not made; undefined for one that is approved, and for one that nobody has decided on. */
function refusalOf({ status, reason, toolHash }: Approval, call: CheckedCall): ToolResult | undefined {
  if (status === 'pending') return undefined
  if (status === 'approved') return toolHash === undefined || toolHash === call.toolHash ? undefined : TOOL_CHANGED
  const content =
    status === 'denied'
      ? `Somebody decided against this call${reason ? `: ${reason}` : '.'}`
      : 'Nobody decided on this call in time.'
  return { content, isError: true }
}

async function show({ stream }: Reasoning, { open, asked }: Pair, approval?: Approval): Promise<void> {
  if (open.shown) return
  open.shown = true
  await stream.emit(
    shownCall(open, asked.arguments, approval && { approvalId: approval.approvalId, expiresAt: approval.expiresAt }),
  )
}

async function settle({ stream, leave }: Reasoning, open: OpenCall, result: ToolResult): Promise<void> {
  // Before a checkpoint says that it has its result: afterwards nobody looks for whom it has asked.
  await leave(open.callId)
  open.result = result
  await stream.emit(shownResult(open, result))
}
