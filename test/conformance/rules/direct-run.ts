import type { EventStream } from '../event-stream.ts'
import { eventsIn, follow, refused } from '../follow.ts'
import { equal, must, rulesOf, shown } from '../rule.ts'
import type { Visit } from '../visit.ts'
import { keptText, wholeStream } from '../whole-stream.ts'

export const DIRECT_RUN_RULES = rulesOf('direct-run', {
  'POST /streams/executions answers with accepted, then the whole stream of the execution': async (visit) => {
    const { stream, executionId } = await run(visit)
    const numbered = (await stream.all()).filter(({ id }) => id !== undefined)
    const events = eventsIn(numbered)
    wholeStream(events)
    must(
      events.every((event) => event.executionId === executionId),
      'the events are of another execution',
    )
    equal(await visit.eventsOf(executionId), events, 'the events in the log')
  },

  'previews have no id, and the next numbered events say what they said': async (visit) => {
    const { stream } = await run(visit)
    const blocks = (await stream.all()).slice(1)
    must(
      blocks.every(({ id, event }) => (event === 'preview') === (id === undefined)),
      'an event without id is no preview, or a preview has one',
    )
    for (const [place, { event }] of blocks.entries()) {
      if (event !== 'preview' || blocks[place - 1]?.event === 'preview') continue
      const behind = blocks.slice(place)
      const length = behind.findIndex(({ id }) => id !== undefined)
      const text = behind
        .slice(0, length)
        .map(({ data = '' }) => JSON.parse(data).text)
        .join('')
      const said = keptText(eventsIn(behind.filter(({ id }) => id !== undefined)))
      must(said.startsWith(text), `${shown(text)} was shown before ${shown(said)}`)
    }
  },

  'a direct run goes on to its end when its caller goes away, and is resumed by its cursor': async (visit) => {
    const { stream, executionId } = await run(visit)
    const first = await stream.blocks.until('a numbered event', (blocks) => blocks.find(({ id }) => id !== undefined))
    stream.cut()
    const rest = await follow(visit, executionId, { query: { after: first.id ?? '' } })
    const came = eventsIn(await rest.all())
    const whole = await visit.eventsOf(executionId)
    wholeStream(whole)
    equal(whole.at(-1)?.type, 'completed', 'the terminal event')
    equal(came, whole.slice(Number(first.id) + 1), `the events behind ${first.id}`)
  },

  'a direct run needs credentials and a valid body': async (visit) => {
    const body = { agentId: visit.agentId, input: { content: visit.question } }
    refused(await visit.stream('/streams/executions', { method: 'POST', body }), 401, 'unauthorized', 'no credentials')
    const headers = await visit.withTicket()
    const bad = await visit.stream('/streams/executions', { method: 'POST', body: { agentId: visit.agentId }, headers })
    refused(bad, 422, 'validation_error', 'a body without input')
  },
})

async function run(visit: Visit): Promise<{ stream: EventStream; executionId: string }> {
  const { agentId, question } = visit
  const headers = { 'x-sluice-authorization': `Bearer ${await visit.token()}` }
  const body = { agentId, input: { content: question } }
  const stream = await visit.stream('/streams/executions', { method: 'POST', body, headers })
  must(stream.status === 200, `it is answered with ${stream.status} ${shown(stream.json())}`)
  const first = await stream.blocks.until('the first event', (blocks) => blocks.find(({ data }) => data !== undefined))
  must(first.event === 'accepted' && first.id === undefined, `the first event is ${shown(first)}`)
  return { stream, executionId: String(JSON.parse(first.data ?? '{}').executionId) }
}
