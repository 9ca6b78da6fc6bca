import { expect, it } from 'vitest'
import { formatTable } from '../../../cli/table.ts'

it('aligns the columns and leaves no blanks at the end', () => {
  const table = formatTable([
    ['ID', 'STATUS', 'TOPICS'],
    ['assistant', 'running', 'questions'],
    ['a', 'stopped', ''],
  ])

  expect(table).toBe('ID         STATUS   TOPICS\nassistant  running  questions\na          stopped')
})
