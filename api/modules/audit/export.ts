import { catalogue, type Engine } from '../../../engine/index.ts'
import { mayDo } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { findTask } from '../task/load.ts'

/** Lines handed over at once: little enough that other requests come in between. */
const AT_ONCE = 200

/**
 * `POST /export/history {task?, project?, audit?}`: histories, or the audit alone, as the lines that `baton verify` checks without a server. A stream, so
 * that years of them need no memory. Needs the right `audit`.
 * @throws FORBIDDEN, NOT_FOUND, INVALID_INPUT
 */
export async function exportHistory(context: Context, body: unknown): Promise<Response> {
  const { task, project, audit } = scopeOf(body)
  const view = task === undefined ? null : await findTask(context, task)
  if (task !== undefined && !view) throw notFound('task', task)
  // Without any of the three it is every history of every project.
  const all = view === null && project === undefined && audit !== true
  const places = all ? context.db.read(catalogue.projectsOf) : [view?.state.project ?? project ?? 'default']
  for (const place of places) mayDo(context, 'audit', place)
  const scope = {
    ...(view && { task: view.state.id }),
    ...(project !== undefined && { project }),
    ...(audit && { audit }),
  }
  return new Response(streamOf(context.engine.exportHistory(scope)), {
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' },
  })
}

function streamOf(lines: ReturnType<Engine['exportHistory']>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    pull(controller) {
      let text = ''
      for (let count = 0; count < AT_ONCE; count++) {
        const { value, done } = lines.next()
        if (done) {
          if (text) controller.enqueue(encoder.encode(text))
          controller.close()
          return
        }
        text += `${value}\n`
      }
      controller.enqueue(encoder.encode(text))
    },
    cancel: () => void lines.return(),
  })
}

interface Asked {
  readonly task?: string
  readonly project?: string
  readonly audit?: true
}
function scopeOf(body: unknown): Asked {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badInput('body', 'MALFORMED', 'expected a JSON object')
  const scope: { -readonly [name in keyof Asked]: Asked[name] } = {}
  for (const [name, value] of Object.entries(body)) {
    if (name === 'audit') {
      if (value !== true) throw badInput(name, 'TYPE', 'expected audit as true')
      scope.audit = true
      continue
    }
    if (name !== 'task' && name !== 'project')
      throw badInput(name, 'UNKNOWN', `expected task, project or audit, but got ${name}`)
    if (typeof value !== 'string' || value === '') throw badInput(name, 'TYPE', `expected ${name} as text`)
    scope[name] = value
  }
  if (Object.keys(scope).length > 1)
    throw badInput(Object.keys(scope)[1]!, 'UNKNOWN', 'expected a task, a project or the audit, not both')
  return scope
}
