/** Names and values of one thing, those without a value left out. */
export const formatSheet = (rows: readonly [label: string, value: string | undefined][]): string =>
  formatTable(rows.flatMap(([label, value]) => (value ? [[label, value]] : [])))

/** Rows as aligned columns, two spaces apart; the first row is the header. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
