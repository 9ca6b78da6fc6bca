import type { ProviderView } from '#shared/protocol/provider.ts'

/** An amount as a person reads it, from millionths of a dollar; small ones keep their digits. */
export function dollars(microUsd: number): string {
  const amount = microUsd / 1_000_000
  const digits = amount <= 0 || amount >= 1 ? 2 : amount < 0.001 ? 6 : 4
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount)
}

/** What was spent; a dash where no price is known of what was called. */
export const shownSpend = ({ todayMicroUsd, priced }: ProviderView['spend']): string => (priced ? dollars(todayMicroUsd) : '–')
