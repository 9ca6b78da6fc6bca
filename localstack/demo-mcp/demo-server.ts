import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'

/** What `search_docs` knows. */
const DOCS = [
  {
    title: 'Cursors',
    text: 'A stream is read again from any cursor: every event has a number, and a client asks for what comes after the last one it has.',
  },
  {
    title: 'Approvals',
    text: 'A tool with approval "always" waits until a person approves or denies the call; the execution is waiting_input meanwhile.',
  },
  {
    title: 'Retries',
    text: 'A failed attempt is made again after a pause when its error may pass. Retrying discards what the attempt said before.',
  },
  {
    title: 'Dead letters',
    text: 'A message that cannot be done ends in a dead-letter queue, where it can be looked at and sent back.',
  },
]

/** Tools that read only: what they answer depends on their arguments alone. */
const READ_ONLY = { readOnlyHint: true, idempotentHint: true }

/** A server of the Model Context Protocol for demonstrations: it searches a few pages, and counts words. */
function demoServer(): McpServer {
  const server = new McpServer({ name: 'sluice-demo', version: '1.0.0' })
  server.registerTool(
    'search_docs',
    {
      description: 'Searches the documentation of Sluice for words.',
      inputSchema: z.object({ query: z.string().min(1).max(200) }),
      annotations: READ_ONLY,
    },
    ({ query }) => text(search(query)),
  )
  server.registerTool(
    'word_count',
    {
      description: 'Counts the words of a text.',
      inputSchema: z.object({ text: z.string().max(10_000) }),
      annotations: READ_ONLY,
    },
    ({ text: given }) => text(String(given.match(/[\p{L}\p{N}'-]+/gu)?.length ?? 0)),
  )
  return server
}

const text = (content: string) => ({ content: [{ type: 'text' as const, text: content }] })

function search(query: string): string {
  const words = query.toLowerCase().match(/\p{L}{3,}/gu) ?? []
  const found = DOCS.filter((doc) => words.some((word) => `${doc.title} ${doc.text}`.toLowerCase().includes(word)))
  return found.map((doc) => `${doc.title}: ${doc.text}`).join('\n') || 'nothing was found'
}

/** Answers requests to the demo server, each by a server of its own: it keeps no sessions. */
export const demoMcpHandler = createMcpHandler(demoServer)
