/** `continueFrom` (FLOW §2): a new task of the same version takes over what finished steps of an ended one gave, where nothing before them is done anew. */
import { canonical } from './asks/digest.ts'
import { itemsOf } from './apply.ts'
import { EngineError } from './error.ts'
import type { Flow } from './flow.ts'
import type { TaskState } from './state.ts'
import { secretsIn } from './template.ts'
import type { Value, Values } from './value.ts'

/** What one step gave in the task before, and from what. */
export interface KeptNode {
  readonly attempt: number
  readonly inputs: Values
  readonly outputs: Values
  /** Of `each`, all of them, in order. */
  readonly items?: readonly { readonly item: Value; readonly inputs: Values; readonly outputs: Values }[]
}
export interface Continued {
  readonly task: string
  readonly number: number
  readonly nodes: { readonly [node: string]: KeptNode }
}
/** A list longer than this is run again: what it gave would weigh more than the task. */
const MOST_ITEMS = 1_000
/** What is taken over stands in the first event and in every snapshot: steps beyond this many characters are run again. */
const MOST_KEPT = 1_000_000

/** What can be taken over from an ended task. @throws NOT_ALLOWED when nothing may be: it runs, is of another version, or was a rehearsal. */
export function continuedFrom(
  flow: Flow,
  before: Readonly<TaskState>,
  launch: { readonly rehearsal: boolean; readonly project: string },
): Continued {
  const refuse = (why: string, message: string): never => {
    throw new EngineError('NOT_ALLOWED', { message, why })
  }
  if (before.stage !== 'final')
    return refuse('RUNNING', `#${before.number} is still ${before.phase}: wait for its end, or retry there`)
  const { name, version } = before.flow
  if (before.project !== launch.project || name !== flow.name || version !== flow.version)
    return refuse(
      'OTHER_VERSION',
      `#${before.number} ran version ${version} of ${name}: only the same version can go on from it`,
    )
  if (before.rehearsal && !launch.rehearsal)
    return refuse('REHEARSAL', `#${before.number} was a rehearsal: nothing in it was done`)
  const nodes: { [node: string]: KeptNode } = {}
  let left = MOST_KEPT
  for (const node of flow.nodes) {
    if (node.inFinally || (node.kind !== 'activity' && node.kind !== 'wait' && node.kind !== 'subflow')) continue
    const kept = keptNode(before, node.id)
    if (kept === null) continue
    const size = JSON.stringify(kept).length
    if (size > left) continue
    left -= size
    nodes[node.id] = kept
  }
  return { task: before.id, number: before.number, nodes }
}

function keptNode(before: Readonly<TaskState>, id: string): KeptNode | null {
  const run = before.nodes.get(id)
  if (run === undefined || (run.state !== 'succeeded' && run.state !== 'byhand')) return null
  const { attempt, inputs, finishedOutputs: outputs } = run
  if (run.each === null) return outputs === null ? null : { attempt, inputs: inputs ?? {}, outputs }
  if (run.each.visit !== run.visit || run.each.count > MOST_ITEMS) return null
  const items = itemsOf(before, id)
  if (items.some((item) => item.state !== 'succeeded' && item.state !== 'byhand')) return null
  return {
    attempt,
    inputs: {},
    outputs: outputs ?? {},
    items: items.map((item) => ({ item: item.item, inputs: item.inputs ?? {}, outputs: item.outputs ?? {} })),
  }
}

/** The same inputs. Those with a secret that was typed at launch never are: it may be another one. */
export const sameInputs = (before: Values, now: Values): boolean =>
  !secretsIn(now).some((ref) => ref.startsWith('task:')) && canonical(before) === canonical(now)
