import { describe, expect, it } from 'vitest'
import { agentStream } from '#shared/runtime/agent-stream.ts'
import type { StreamWriter } from '#shared/streams/stream-writer.ts'
import { never } from '../../helpers/llm.ts'

describe('agentStream', () => {
  it('writes whole characters, also where code cuts its text within one', async () => {
    const written: string[] = []
    const write: StreamWriter['write'] = ({ data }) => void written.push(data.text)
    const stream = agentStream({ write } as StreamWriter, never())

    for (const unit of 'a😀b'.split('')) await stream.write(unit)

    expect(written).toEqual(['a', '😀', 'b'])
  })
})
