import type { DeliverAgain, ReceivedMessage } from './deliver-again.ts'

/** For tests: keeps what it was told. */
export function memoryDeliverAgain(): DeliverAgain & { told: (ReceivedMessage & { seconds: number })[] } {
  const told: (ReceivedMessage & { seconds: number })[] = []
  const deliverAgain: DeliverAgain = async (message, seconds) => {
    told.push({ ...message, seconds })
  }
  return Object.assign(deliverAgain, { told })
}
