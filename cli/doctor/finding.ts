/** What one check found; `advice` says what to do unless all is well. */
export interface Finding {
  check: string
  status: 'ok' | 'warn' | 'fail'
  detail: string
  advice?: string
}

export const ok = (check: string, detail: string): Finding => ({ check, status: 'ok', detail })
export const warn = (check: string, detail: string, advice: string): Finding => ({ check, status: 'warn', detail, advice })
export const fail = (check: string, detail: string, advice: string): Finding => ({ check, status: 'fail', detail, advice })
