import { writeFile } from 'node:fs/promises'
import { LocalCloudError } from '../../localstack/local-cloud-error.ts'
import { OptionError } from '../options.ts'
import { withCloud } from '../with-cloud.ts'
import { brokenPromises, type CampaignResult, campaign } from './campaign/campaign.ts'
import { parseOptions, type StreamBenchOptions, USAGE } from './options.ts'
import { measurePeers } from './peers/measure-peers.ts'
import { peersPlot } from './peers-plot.ts'
import { reportCampaign, reportPeers } from './report.ts'

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

async function main(options: StreamBenchOptions): Promise<void> {
  if (options.help) return console.log(USAGE)
  const played = options.campaign ? await playCampaign(options) : undefined
  const compared = options.peers ? await withCloud(tell, (cloud) => measurePeers(cloud, options.samples, tell)) : undefined
  if (options.json) console.log(JSON.stringify({ ...played, ...compared }, null, 2))
  else console.log([...(played ? [reportCampaign(played)] : []), ...(compared ? [reportPeers(compared)] : [])].join('\n\n'))
  if (compared && options.plot) await writeFile(options.plot, peersPlot(compared))
  if (played && brokenPromises(played).length > 0) process.exitCode = 1
}

async function playCampaign({ replies, seed }: StreamBenchOptions): Promise<CampaignResult> {
  let told = Date.now()
  const result = await campaign({
    replies,
    seed,
    onProgress(played) {
      if (Date.now() - told < 5_000) return
      told = Date.now()
      tell(`${played} of ${replies} replies played`)
    },
  })
  for (const problem of result.problems) tell(problem)
  return result
}
