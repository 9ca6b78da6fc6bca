import * as z from 'zod'
import { NotFoundError, SluiceError, ValidationError } from '#shared/platform/errors.ts'
import type { AgentContext } from '#shared/runtime/agent-context.ts'
import { defineAgent } from '#shared/runtime/define-agent.ts'
import { documentText } from './document-text.ts'

const Document = z.object({ document_url: z.url('document URL required') })

/** Characters of a document that the model is given. */
const MAX_CHARACTERS = 20_000
const INSTRUCTION = 'Summarise the document in three sentences, then name its most important points.'

/** Reads a document by its address, has the model analyse it, and keeps the analysis under that address. */
export const documents = defineAgent({
  id: 'documents',
  name: 'Documents',
  description: 'Analyses documents by their URL, and keeps the analysis.',
  topics: ['documents'],
  llm: { provider: 'scripted', model: 'answer' },
  maxConcurrency: 5,
  input: Document,
  async handle({ document_url: url }, context) {
    const { artifacts, llm, stream } = context
    const text = await download(url, context)
    let analysis = ''
    for await (const delta of llm.stream({ system: INSTRUCTION, prompt: text.slice(0, MAX_CHARACTERS) })) {
      analysis += delta
      await stream.write(delta)
    }
    const result = { document_url: url, characters: text.length, analysis }
    await artifacts.save(url, result)
    return result
  },
  tasks: {
    'read-analysis': {
      input: Document,
      async handle({ document_url: url }, { artifacts }) {
        const result = await artifacts.load(url)
        if (result === undefined) throw new NotFoundError('analysis of', url)
        return result
      },
    },
  },
})

async function download(url: string, { fetch }: AgentContext): Promise<string> {
  const response = await fetch(url, { headers: { accept: 'text/plain, text/html, text/*' } })
  if (response.status >= 500) throw new SluiceError('network_error', `the document's server answered ${response.status}`)
  if (!response.ok) throw new ValidationError(`the document's server answered ${response.status}`)
  return documentText(await response.text(), response.headers.get('content-type') ?? 'text/plain')
}
