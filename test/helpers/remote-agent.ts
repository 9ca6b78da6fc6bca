import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type RemoteTask = { task_id: string; task_type: string; payload: Record<string, unknown> }

/** How a task is, as the document's agent answers it. */
type TaskState = { status: string; result: unknown; error: string | null }

export type RemoteAgentOptions = {
  /** Questions that are answered with `processing` before the end. @default 1 */
  looks?: number
  /** How a task ends. @default as the document's agent does it */
  end?: (task: RemoteTask) => TaskState
  /** Answers in the place of the service; says whether it did. */
  instead?: (request: IncomingMessage, response: ServerResponse) => boolean
}

const processed = ({ payload }: RemoteTask): TaskState => ({
  status: 'completed',
  result: { processed: true, input: payload },
  error: null,
})

export type RunningRemoteAgent = Awaited<ReturnType<typeof startRemoteAgent>>

/** The agent of the guide to remote agents, on this machine: it takes a task at once and works on it while it is asked how it is. */
export async function startRemoteAgent({ looks = 1, end = processed, instead = () => false }: RemoteAgentOptions = {}) {
  const tasks = new Map<string, { task: RemoteTask; left: number }>()
  const submitted: RemoteTask[] = []
  const asked: string[] = []

  async function submit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const task = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()) as RemoteTask
    submitted.push(task)
    tasks.set(task.task_id, { task, left: looks })
    answer(response, 200, { task_id: task.task_id, status: 'accepted' })
  }

  function look(taskId: string, response: ServerResponse): void {
    const known = tasks.get(taskId)
    if (!known) {
      answer(response, 404, { detail: 'Task not found' })
      return
    }
    known.left -= 1
    answer(response, 200, known.left < 0 ? end(known.task) : { status: 'processing', result: null, error: null })
  }

  const server = createServer((request, response) => {
    const { method, url = '' } = request
    asked.push(`${method} ${url}`)
    if (instead(request, response)) return
    const [, taskId] = /\/tasks\/([^/]+)$/.exec(url) ?? []
    if (url.endsWith('/health')) answer(response, 200, { status: 'healthy', agent_id: 'agent-1' })
    else if (method === 'POST' && taskId === 'submit') void submit(request, response)
    else if (taskId !== undefined) look(decodeURIComponent(taskId), response)
    else answer(response, 404, { detail: 'Not Found' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    submitted,
    asked,
    /** As a service that was started again: it knows no task any more. */
    forget: () => tasks.clear(),
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
