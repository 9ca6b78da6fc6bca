import type { LocalCloud } from '../localstack/local-cloud.ts'
import { LocalCloudError } from '../localstack/local-cloud-error.ts'
import { benchResult, type Measurements } from './bench-result.ts'
import { exceeded } from './budgets.ts'
import { openBenchRoom } from './counts/bench-room.ts'
import { countDirectReply } from './counts/count-direct-reply.ts'
import { countReply, countTopicDoor } from './counts/count-reply.ts'
import type { ReplyCount } from './counts/counted.ts'
import { measureDelays } from './delays/measure-delays.ts'
import { measureHotBundle } from './hot-bundle.ts'
import { describeMachine } from './machine.ts'
import { type BenchOptions, OptionError, parseOptions, USAGE } from './options.ts'
import { report } from './report/report.ts'
import { CROWDS, measureSender, type SenderRow } from './sender/measure-sender.ts'
import { senderReport } from './sender/sender-report.ts'
import { withCloud } from './with-cloud.ts'

/** Standard output is the result's. */
const tell = (line: string): void => console.error(line)

try {
  await main(parseOptions(process.argv.slice(2)))
} catch (error) {
  process.exitCode = 1
  if (error instanceof LocalCloudError) tell(`${error.message}\n  ${error.advice}`)
  else if (error instanceof OptionError) tell(`${error.message}\n\n${USAGE}`)
  else tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

async function main(options: BenchOptions): Promise<void> {
  if (options.help) return console.log(USAGE)
  if (options.sender) return showSender(options)
  const result = benchResult(await withCloud(tell, (cloud) => measure(cloud, options)))
  console.log(options.json ? JSON.stringify(result, null, 2) : report(result))
  if (options.check && exceeded(result).length > 0) process.exitCode = 1
}

/** Needs no cloud: the sender does not wait for one. */
async function showSender({ json }: BenchOptions): Promise<void> {
  const sender: SenderRow[] = []
  for (const viewers of CROWDS) {
    tell(`The sender is measured with ${viewers} of ${CROWDS.join(', ')} viewers`)
    sender.push(await measureSender(viewers))
  }
  console.log(json ? JSON.stringify({ sender }, null, 2) : senderReport(sender))
}

async function measure(cloud: LocalCloud, options: BenchOptions): Promise<Measurements> {
  const machine = await describeMachine(cloud.endpointUrl)
  const coldSamples = Math.max(5, Math.round(options.samples / 5))
  const delays = options.delays && (await measureDelays(cloud, { warmSamples: options.samples, coldSamples }))
  const counts = options.counts && (await count(cloud, options.viewers))
  const hotBundle = await measureHotBundle(cloud)
  return { machine, hotBundle, ...(counts && { counts }), ...(delays && { delays }) }
}

async function count(cloud: LocalCloud, viewers: number[]): Promise<NonNullable<Measurements['counts']>> {
  const room = await openBenchRoom(cloud, cloud.outputs, cloud.scriptedLlm.url)
  try {
    const replies: ReplyCount[] = []
    for (const number of viewers) {
      tell(`Reply counted for ${number} of ${viewers.join(', ')} viewers`)
      replies.push(await countReply(room, number))
    }
    tell('A direct reply is counted')
    return { replies, direct: await countDirectReply(room), topicDoor: await countTopicDoor(room) }
  } finally {
    await room.close()
  }
}
