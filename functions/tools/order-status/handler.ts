import * as z from 'zod'
import { NotFoundError } from '#shared/platform/errors.ts'
import { defineTool } from '#shared/tools/define-tool.ts'

const STAGES = ['received', 'packed', 'shipped', 'delivered'] as const

/** Made-up orders, `A-1000` to `A-9999`: the number says how far each is. */
export const handler = defineTool({
  name: 'order_status',
  description: 'Where an order is. Orders are numbered A-1000 to A-9999.',
  parameters: z.object({ orderId: z.string().min(1).max(32) }),
  handle({ orderId }) {
    const number = Number(/^A-([1-9]\d{3})$/i.exec(orderId)?.[1])
    if (Number.isNaN(number)) throw new NotFoundError('order', orderId)
    const status = STAGES[number % STAGES.length]
    return { orderId: orderId.toUpperCase(), status, parcels: 1 + (number % 3) }
  },
})
