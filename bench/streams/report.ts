import type { Summary } from '../delays/statistics.ts'
import type { Machine } from '../machine.ts'
import { table } from '../report/table.ts'
import { brokenPromises, type CampaignResult } from './campaign/campaign.ts'
import { brokenInCrowd, type CrowdResult } from './crowd.ts'
import type { PeersResult } from './peers/measure-peers.ts'
import type { ResumeResult } from './resume/measure-resume.ts'

/** The campaign for people. */
export function reportCampaign(result: CampaignResult): string {
  const {
    replies,
    views,
    lost,
    duplicated,
    reordered,
    wrongTexts,
    unproven,
    packed,
    wire,
    seed,
    virtualSeconds,
    faults,
    transports,
  } = result
  const broken = brokenPromises(result)
  return [
    `${replies} replies to ${views} readers, seed ${seed}, ${virtualSeconds} s of virtual time`,
    table([
      ['events', ''],
      ['lost', String(lost)],
      ['duplicated', String(duplicated)],
      ['reordered', String(reordered)],
      ['wrong texts', String(wrongTexts)],
      ['without a proof', String(unproven)],
      ['left out on the wire', String(wire.gaps)],
      ['sent again on the wire', String(wire.repeats)],
      ['packed', String(packed)],
      ...Object.entries(transports.byName).map(([name, count]) => [`came on ${name}`, String(count)]),
      ['switches of the transport', String(transports.switches)],
    ]),
    table([
      ['virtual milliseconds', 'p50', 'p99', 'samples'],
      row('resume: from a way that is open again', result.resumeMs),
      row('the same over a slow network', result.slowResumeMs),
      row('recovery from a broken connection', result.recoveryMs),
      row('recovery from a silent loss', result.silentRecoveryMs),
      row('stop: from the accepted cancel to the abort of the model', result.stopMs),
    ]),
    table([['fault', 'injected'], ...Object.entries(faults).map(([kind, count]) => [kind, String(count)])]),
    broken.length === 0 ? 'every promise was kept' : `broken: ${broken.join(', ')}`,
  ].join('\n\n')
}

/** The peers for people. */
export function reportPeers({ machine, measuredOn, samples, peers, rendered }: PeersResult): string {
  return [
    `Peers, ${measuredOn}: ${described(machine)}; ${samples} replies of each`,
    table([
      ['a reply of 1,000 tokens in 10 s', 'posts', 'price', 'first token', 'delay p50', 'p99', 'longest stall', 'after a break'],
      ...peers.map((peer) => [
        peer.name,
        String(peer.postsPerReply),
        `$${peer.costPerReplyUsd.toFixed(6)}`,
        ...[peer.firstTokenMs, peer.tokenDelayMs.p50, peer.tokenDelayMs.p99, peer.longestStallMs].map(
          (ms) => `${ms.toFixed(0)} ms`,
        ),
        peer.afterReconnect,
      ]),
    ]),
    table([
      ['as drawn in Chromium', 'longest stall'],
      ...rendered.map(({ name, paced, longestStallMs }) => [
        `${name}, ${paced ? 'paced' : 'not paced'}`,
        `${longestStallMs.toFixed(0)} ms`,
      ]),
    ]),
  ].join('\n\n')
}

/** Real resumes and stops for people. */
export function reportResume({ machine, measuredOn, resume }: ResumeResult): string {
  const { socket, sse, stopMs, silentStopMs } = resume
  return [
    `Resume, ${measuredOn}: ${described(machine)}`,
    table([
      ['milliseconds', 'p50', 'p99', 'samples'],
      row('socket: from the cut to the next event', socket.fromCutMs),
      row('socket: from the open socket to the next event', socket.fromOpenMs),
      row('event stream: from the cut to the next event', sse.fromCutMs),
      row('event stream: from its answer to the next event', sse.fromOpenMs),
      row('stop: from the press to the abort of the model', stopMs),
      row('the same while the model is silent', silentStopMs),
    ]),
  ].join('\n\n')
}

/** The crowd for people. */
export function reportCrowd(result: CrowdResult): string {
  const { viewers, whole, spreadOfEndsMs, shards } = result
  return [
    table([
      ['one reply', ''],
      ['viewers', String(viewers)],
      ['have every event once, in order', String(whole)],
      ['shards beside the writer', String(shards)],
      ['from the first end to the last', `${spreadOfEndsMs} ms`],
    ]),
    ...brokenInCrowd(result),
  ].join('\n\n')
}

const described = ({ cpu, cores, memoryGb, system, node, emulator }: Machine): string =>
  `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}, ${emulator}`

const row = (what: string, summary: Summary | undefined): string[] =>
  summary ? [what, summary.p50.toFixed(0), summary.p99.toFixed(0), String(summary.samples)] : [what, '–', '–', '0']
