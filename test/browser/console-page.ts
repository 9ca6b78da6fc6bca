import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

/** How long anything may take to appear, to begin or to go on, cold starts on a busy machine included. */
const PATIENCE_MS = 60_000

/** What a person does on the console, and sees. */
export function consolePage(page: Page, frontDoorUrl: string) {
  page.setDefaultTimeout(PATIENCE_MS)
  const lastTurn = page.locator('chat-turn').last()
  const answer = lastTurn.locator('.said > span').last()
  const read = (locator: Locator) => locator.evaluateAll((elements) => elements.map((element) => element.textContent).join(''))

  return {
    open: (route: string) => page.goto(`${frontDoorUrl}/${route}`),
    signIn: (token: string) => page.goto(`${frontDoorUrl}/#token=${token}`),
    /** Gives files to the question, as if they were pasted or dropped. */
    async give(how: 'paste' | 'drop', files: readonly { name: string; type: string; base64: string }[]): Promise<void> {
      await page.getByRole('textbox').evaluate(
        (field, { how, files }) => {
          const transfer = new DataTransfer()
          for (const { name, type, base64 } of files)
            transfer.items.add(new File([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], name, { type }))
          const options = { bubbles: true, composed: true, cancelable: true }
          field.dispatchEvent(
            how === 'paste'
              ? new ClipboardEvent('paste', { ...options, clipboardData: transfer })
              : new DragEvent('drop', { ...options, dataTransfer: transfer }),
          )
        },
        { how, files },
      )
    },
    async ask(content: string): Promise<void> {
      await page.getByRole('textbox').fill(content)
      await page.keyboard.press('Enter')
    },
    /** Text of the last answer as it is shown now. */
    answer: () => read(answer),
    /** Waits until the last answer is longer than `length`; gives the text. */
    async answerBeyond(length: number): Promise<string> {
      await expect.poll(async () => (await read(answer)).length, { timeout: PATIENCE_MS }).toBeGreaterThan(length)
      return read(answer)
    },
    /** Waits for the mark of the last answer: "Complete: 42 events, hash ok". */
    async verified(): Promise<string> {
      const mark = lastTurn.locator('.verified')
      await mark.waitFor({ timeout: 1.5 * PATIENCE_MS })
      return read(mark)
    },
    /** The execution of the last turn, as the tab stores it. */
    executionId: (agentId: string): Promise<string> =>
      page.evaluate((key) => JSON.parse(sessionStorage.getItem(key) ?? '[]').at(-1).executionId, `sluice.turns.${agentId}`),
    /** True when something is wider than the window. */
    overflows: () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth),
  }
}
