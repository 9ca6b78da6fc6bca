import { createClient } from '../../../web/client/index.ts'

/** What a page shows of a reply: how long nothing new was drawn at the most, in how many steps it was drawn, and what it came on. */
export type Rendered = { longestStallMs: number; growths: number; transport: string }

export type RenderRequest = { token: string; agentId: string; content: string; direct: boolean; pacing: boolean }

/** Asks an agent as any page does, draws the text, and looks in every frame whether there is more of it. */
async function render({ token, agentId, content, direct, pacing }: RenderRequest): Promise<Rendered> {
  const element = document.body.appendChild(document.createElement('p'))
  const client = createClient({ baseUrl: location.origin, token })
  const stream = await client.run(agentId, content, { direct, pacing })
  const drawn = watchGrowth(element)
  const shown = Promise.withResolvers<void>()
  stream.on({
    text(text) {
      element.textContent = text
    },
    done: () => shown.resolve(),
    error: shown.reject,
  })
  await shown.promise
  client.close()
  return { ...drawn(), transport: stream.stats.transport }
}

/** Looks at an element in every frame; the result is the longest time between two frames with more text than before. */
function watchGrowth(element: Element): () => Omit<Rendered, 'transport'> {
  let [length, grownAt, longest, growths, frame] = [0, 0, 0, 0, 0]
  const look = (now: number): void => {
    const next = element.textContent.length
    if (next > length) {
      if (length > 0) longest = Math.max(longest, now - grownAt)
      grownAt = now
      growths += 1
    }
    length = next
    frame = requestAnimationFrame(look)
  }
  frame = requestAnimationFrame(look)
  return () => {
    cancelAnimationFrame(frame)
    return { longestStallMs: longest, growths }
  }
}

Object.assign(globalThis, { render })
