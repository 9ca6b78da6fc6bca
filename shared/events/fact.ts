import { derivedId } from '#shared/platform/ids.ts'
import type { LifecycleEvent, LifecycleEventType } from '#shared/protocol/lifecycle-event.ts'
import type { LifecycleEventData } from '#shared/protocol/lifecycle-event-data.ts'
import { MAX_FACT_TEXT } from '#shared/protocol/limits.ts'

/** A lifecycle event and whose it is. */
export type Fact = { tenant: string; event: LifecycleEvent }

type Subject = {
  tenant: string
  /** What it is about, as a path. */
  source: string
  /** RFC 3339. */
  time: string
  /** What tells this fact from others of the same type about the same thing: an attempt, a revision. */
  step?: (string | number)[]
}

/** A lifecycle event whose id follows from what it says: told again, it is the same event. */
export function fact<Type extends LifecycleEventType>(
  type: Type,
  { tenant, source, time, step = [] }: Subject,
  data: LifecycleEventData<Type>,
): LifecycleEvent {
  const id = derivedId('lifecycle', tenant, type, source, ...step.map(String))
  return { specversion: '1.0', id, type, source, time, data }
}

/** A text that somebody else chose, as long as a fact may carry it. */
export const clip = (text: string): string => text.slice(0, MAX_FACT_TEXT).toWellFormed()
