import { type Summary, summarise } from '../../delays/statistics.ts'
import { FAULT_KINDS, type FaultCounts, noFaults } from './faults.ts'
import { type Played, type PlayOptions, playReplies } from './play-replies.ts'

/** Replies of one world: they share its users, their sockets, and the functions. */
const WORLD = 50
const DELAYS = ['resumeMs', 'slowResumeMs', 'recoveryMs', 'silentRecoveryMs', 'stopMs'] as const
/** Problems that are told in words; all of them are counted. */
const MOST_PROBLEMS = 50

export type CampaignOptions = PlayOptions & { onProgress?(played: number): void }

export type CampaignResult = {
  replies: number
  /** Users who followed a reply; several to most replies. */
  views: number
  /** Events of the log that a view does not have, that a page was given again, and that came behind a later one. */
  lost: number
  duplicated: number
  reordered: number
  /** Texts that differ from the log's, and views or logs without a proof. */
  wrongTexts: number
  unproven: number
  /** Events that came packed into others. */
  packed: number
  /** What senders put on the wire: numbers that they left out for a subscription (never), and events that they sent again. */
  wire: { gaps: number; repeats: number }
  /** Views by what their events came on, and how often one went on with another in mid-stream. */
  transports: { byName: Record<string, number>; switches: number }
  /** Virtual milliseconds: from the moment when there was a way again after a loss to the first event that was missed. Absent when there was none. */
  resumeMs?: Summary
  /** The same for users whose every frame takes up to more than two seconds, one way. */
  slowResumeMs?: Summary
  /** Virtual milliseconds: from the loss, or from the event when that came later, to the next event on the page. */
  recoveryMs?: Summary
  /** The same where neither end was told of the loss. */
  silentRecoveryMs?: Summary
  /** Virtual milliseconds: from the accepted cancel to the abort of the model's call. */
  stopMs?: Summary
  /** How often each fault was injected. */
  faults: FaultCounts
  seed: number
  virtualSeconds: number
  /** The first problems, in words. */
  problems: string[]
}

/** Plays replies, world after world, while everything breaks that can break between a model and a reader. */
export async function campaign({ replies, seed, onProgress, ...options }: CampaignOptions): Promise<CampaignResult> {
  const worlds: Played[] = []
  for (let played = 0; played < replies; played += WORLD) {
    worlds.push(await playReplies({ ...options, replies: Math.min(WORLD, replies - played), seed: seed + worlds.length }))
    onProgress?.(Math.min(replies, played + WORLD))
  }
  const sum = (value: (world: Played) => number): number => worlds.reduce((total, world) => total + value(world), 0)
  return {
    replies: sum((world) => world.replies),
    views: sum((world) => world.views),
    lost: sum(({ verdict }) => verdict.lost),
    duplicated: sum(({ verdict }) => verdict.duplicated),
    reordered: sum(({ verdict }) => verdict.reordered),
    wrongTexts: sum(({ verdict }) => verdict.wrongTexts),
    unproven: sum(({ verdict }) => verdict.unproven),
    packed: sum(({ verdict }) => verdict.packed),
    wire: { gaps: sum(({ wire }) => wire.gaps), repeats: sum(({ wire }) => wire.repeats) },
    transports: { byName: transportCounts(worlds), switches: sum(({ transports }) => transports.switches) },
    ...delaysOf(worlds),
    faults: worlds.reduce(addFaults, noFaults()),
    seed,
    virtualSeconds: Math.round(sum((world) => world.virtualMs) / 1_000),
    problems: worlds
      .flatMap(({ verdict }, world) => verdict.problems.map((problem) => `world ${world}: ${problem}`))
      .slice(0, MOST_PROBLEMS),
  }
}

/** What breaks a promise: how many of each kind, in words; empty when all were kept. */
export function brokenPromises({ lost, duplicated, reordered, wrongTexts, unproven, wire }: CampaignResult): string[] {
  const counts = { lost, duplicated, reordered, 'wrong texts': wrongTexts, unproven, 'gaps on the wire': wire.gaps }
  return Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
}

function delaysOf(worlds: Played[]): Pick<CampaignResult, (typeof DELAYS)[number]> {
  const samples = DELAYS.map((name) => [name, worlds.flatMap((world) => world[name])] as const)
  return Object.fromEntries(samples.flatMap(([name, values]) => (values.length > 0 ? [[name, summarise(values)]] : [])))
}

function transportCounts(worlds: Played[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { transports } of worlds)
    for (const [name, count] of Object.entries(transports.byName)) counts[name] = (counts[name] ?? 0) + count
  return counts
}

function addFaults(sum: FaultCounts, { faults }: Played): FaultCounts {
  return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, sum[kind] + faults[kind]])) as FaultCounts
}
