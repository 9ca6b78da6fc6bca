import * as z from 'zod'
import { sha256 } from '#shared/platform/sha256.ts'
import { defineTool } from '#shared/tools/define-tool.ts'

const SKIES = ['sunny', 'cloudy', 'rain', 'snow', 'fog'] as const

/** Made-up weather: the same city and day have the same, and nothing is asked of anybody. */
export const handler = defineTool({
  name: 'weather',
  description: 'The weather of a city on a day: made up for demonstrations, the same for the same city and day.',
  parameters: z.object({
    city: z.string().min(1).max(100),
    /** As 2026-11-21. */
    date: z.iso.date().optional(),
  }),
  handle({ city, date = 'today' }) {
    const [sky = 0, degrees = 0] = Buffer.from(sha256(`${city.toLowerCase()}, ${date}`), 'hex')
    return { city, date, sky: SKIES[sky % SKIES.length], celsius: (degrees % 40) - 8 }
  },
})
