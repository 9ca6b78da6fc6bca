import { writeFile } from 'node:fs/promises'
import type { LocalCloud } from '../../localstack/local-cloud.ts'
import { LocalCloudError } from '../../localstack/local-cloud-error.ts'
import { OptionError } from '../options.ts'
import { withCloud } from '../with-cloud.ts'
import { brokenPromises, type CampaignResult, campaign } from './campaign/campaign.ts'
import { brokenInCrowd, watchCrowd } from './crowd.ts'
import { type Measurement, parseOptions, type StreamBenchOptions, USAGE } from './options.ts'
import { measurePeers } from './peers/measure-peers.ts'
import { peersPlot } from './peers-plot.ts'
import { reportCampaign, reportCrowd, reportPeers, reportResume } from './report.ts'
import { measureResume } from './resume/measure-resume.ts'

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
  const { measurements, samples, viewers } = options
  const inCloud = <Result>(name: Measurement, work: (cloud: LocalCloud) => Promise<Result>): Promise<Result | undefined> =>
    measurements.includes(name) ? withCloud(tell, work) : Promise.resolve(undefined)
  const played = measurements.includes('campaign') ? await playCampaign(options) : undefined
  const compared = await inCloud('peers', (cloud) => measurePeers(cloud, samples, tell))
  const resumed = await inCloud('resume', (cloud) => measureResume(cloud, tell))
  const crowd = await inCloud('crowd', (cloud) => watchCrowd(cloud, viewers, tell))
  if (options.json) console.log(JSON.stringify({ ...played, ...compared, ...resumed, ...crowd }, null, 2))
  else {
    const reports = [
      played && reportCampaign(played),
      compared && reportPeers(compared),
      resumed && reportResume(resumed),
      crowd && reportCrowd(crowd),
    ]
    console.log(reports.filter((report) => report !== undefined).join('\n\n'))
  }
  if (compared && options.plot) await writeFile(options.plot, peersPlot(compared))
  if ((played && brokenPromises(played).length > 0) || (crowd && brokenInCrowd(crowd).length > 0)) process.exitCode = 1
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
