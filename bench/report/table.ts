/** Lines of a table: the first column to the left, the others to the right, all as wide as they need to be. */
export function table(rows: string[][]): string {
  const columns = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]) =>
    widths
      .map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width)))
      .join('  ')
  return rows.map((row) => `  ${line(row).trimEnd()}`).join('\n')
}
