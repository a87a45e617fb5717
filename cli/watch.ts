import { ClientError } from '../api/client/index.ts'
import type { Context } from './context.ts'
import { drawFailure, drawTask } from './draw.ts'
import { EXIT } from './exit.ts'
import { TASK, WATCH, type Tree } from './queries/tasks.ts'

const isFinal = (task: Tree): boolean => task.outcome !== null && task.endedAt !== null
const exitOf = (task: Tree): number =>
  task.outcome === 'SUCCEEDED' ? EXIT.ok : task.outcome === 'REVOKED' ? EXIT.stopped : EXIT.failed
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })

/** Follows a task to its end through lost connections. Exit code of its outcome; interrupting leaves the task running. */
export async function watchTask(context: Context, id: string): Promise<number> {
  const { world, client, json } = context
  let shown: Tree | null = null
  let failures = 0
  const show = (task: Tree): void => {
    failures = 0
    if (json) world.out(JSON.stringify(task))
    else if (world.redraw) world.redraw(drawTask(task, Date.now()))
    else for (const line of changesBetween(shown, task)) world.out(line)
    shown = task
  }
  while (!world.signal.aborted) {
    try {
      for await (const { taskChanged } of client.subscribe(WATCH, { id }, world.signal)) {
        show(taskChanged)
        if (isFinal(taskChanged)) return finish(context, taskChanged)
      }
    } catch (error) {
      if (world.signal.aborted) break
      if (!(error instanceof ClientError) || error.code !== 'NETWORK' || failures >= 60) throw error
      world.err('Connection lost. The task goes on; trying again.')
    }
    // An ended stream is a lost connection too: the server ends it only with the task, or with itself.
    const { task } = await client.query(TASK, { id }).catch(() => ({ task: null }))
    if (task && isFinal(task)) return finish(context, task)
    await pause(Math.min(5_000, 250 * 2 ** failures++), world.signal)
  }
  return EXIT.ok
}

function finish({ world, json }: Context, task: Tree): number {
  if (!json) for (const line of drawTask(task, Date.now())) if (!world.redraw) world.out(line)
  if (!json && world.redraw) world.redraw(drawTask(task, Date.now()))
  return exitOf(task)
}

/** One line for each step or phase that moved, and what failed as a whole, for logs and pipes. */
function changesBetween(before: Tree | null, after: Tree): string[] {
  const known = new Map(before?.steps.map((step) => [step.nodeId, `${step.state}/${step.attempt}`]))
  const moved = after.steps.filter((step) => step.state && known.get(step.nodeId) !== `${step.state}/${step.attempt}`)
  const lines = moved.map(
    (step) =>
      `${step.title}: ${(step.state ?? '').toLowerCase()}${step.attempt > 1 ? ` (attempt ${step.attempt})` : ''}`,
  )
  const seen = new Set(before?.failures.map((node) => `${node.id}/${node.attempt}`))
  const failures = after.failures.filter((node) => !seen.has(`${node.id}/${node.attempt}`))
  return [
    ...lines,
    ...(before?.phase === after.phase ? [] : [`#${after.number} ${after.phase.toLowerCase()}`]),
    ...failures.flatMap((node) => drawFailure(node, after.number)),
  ]
}
