import type { DeadLetter } from '#shared/protocol/dead-letter.ts'
import { inOneLine } from './one-line.ts'
import { formatSheet, formatTable } from './table.ts'

const MAX_DETAIL_LENGTH = 60

const addresseeOf = ({ topic, agentId, executionId }: DeadLetter): string => topic ?? agentId ?? executionId ?? ''

/** One line for each dead letter. */
export function deadLetterTable(letters: readonly DeadLetter[]): string {
  const rows = letters.map((letter) => [
    letter.queue,
    letter.id,
    letter.time,
    letter.code,
    addresseeOf(letter),
    inOneLine(letter.detail, MAX_DETAIL_LENGTH),
  ])
  return formatTable([['QUEUE', 'ID', 'TIME', 'CODE', 'FOR', 'REASON'], ...rows])
}

/** All of one dead letter, its body last. */
export function deadLetterSheet(letter: DeadLetter): string {
  const { queue, id, code, detail, messageId, topic, agentId, executionId, time, receiveCount, body } = letter
  const facts = formatSheet([
    ['queue', queue],
    ['id', id],
    ['code', code],
    ['reason', detail],
    ['message', messageId],
    ['topic', topic],
    ['agent', agentId],
    ['execution', executionId],
    ['time', time],
    ['received', `${receiveCount} times`],
  ])
  return `${facts}\n\n${body}`
}
