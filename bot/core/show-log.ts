import { line } from './card.ts'
import { logCard } from './cards/thread.ts'
import type { Acting, Reply } from './contract.ts'
import { loggedStepsQuery, logTailQuery, type LoggedStep } from './queries/index.ts'

const LAST = 20
/** Looked at for one that has printed something. */
const MOST_TRIED = 6
const MOST_OTHERS = 5

/** What a step printed last, to the one who asks and with their rights; without `nodeId` the step people most likely mean. */
export async function showLog(acting: Acting, taskId: string, nodeId: string | null): Promise<Reply> {
  const { client, texts } = acting
  const { task } = await client.query(loggedStepsQuery, { id: taskId })
  if (!task) return { kind: 'tell', lines: [line(texts.thread.notYours)], alert: true }
  const steps = task.steps.filter(({ kind, state }) => kind === 'activity' && state !== null).toSorted(byInterest)
  const wanted = nodeId === null ? steps.slice(0, MOST_TRIED) : steps.filter((step) => step.nodeId === nodeId)
  for (const step of wanted) {
    const { task: found } = await client.query(logTailQuery, {
      id: taskId,
      node: step.nodeId,
      attempt: null,
      last: LAST,
    })
    if (!found?.node || found.node.log.total === 0) continue
    const others = steps.filter((other) => other.nodeId !== step.nodeId).slice(0, MOST_OTHERS)
    return { kind: 'card', card: logCard(texts, found, found.node, others) }
  }
  return { kind: 'tell', lines: [line(texts.thread.noLog)], alert: true }
}
/** What failed first, then the latest. */
const byInterest = (a: LoggedStep, b: LoggedStep): number =>
  Number(b.state === 'FAILED') - Number(a.state === 'FAILED') || (b.startedAt ?? '').localeCompare(a.startedAt ?? '')
