import { CONNECT_RULES } from './connect.ts'
import { CURSOR_RULES } from './cursors.ts'
import { DIRECT_RUN_RULES } from './direct-run.ts'
import { FRAME_RULES } from './frames.ts'
import { HTTP_RULES } from './http.ts'
import { REQUEST_RULES } from './requests.ts'
import { SSE_RULES } from './sse.ts'
import { SUBSCRIBE_RULES } from './subscribe.ts'
import { TOPIC_RULES } from './topics.ts'
import { VIEW_RULES } from './views.ts'

/** Every rule, by the parts of the protocol. */
export const RULES = [
  ...CONNECT_RULES,
  ...FRAME_RULES,
  ...SUBSCRIBE_RULES,
  ...REQUEST_RULES,
  ...HTTP_RULES,
  ...SSE_RULES,
  ...DIRECT_RUN_RULES,
  ...TOPIC_RULES,
  ...CURSOR_RULES,
  ...VIEW_RULES,
]

export const PARTS = [...new Set(RULES.map(({ part }) => part))]
