import { canonical } from '../asks/digest.ts'
import { emit, type Turn } from '../decide/turn.ts'
import type { ActivityNode, SubflowNode, WaitNode } from '../flow.ts'
import { behind } from '../graph.ts'
import { sameInputs, type KeptNode } from '../keep.ts'
import { scopeOf } from '../scope.ts'
import type { Value, Values } from '../value.ts'
import { leave } from './leave.ts'
import { savedOf } from './save.ts'
import { evaluateAll } from './template.ts'
import type { Visit } from './visit.ts'

type Step = ActivityNode | WaitNode | SubflowNode

/** Takes over what the step gave in the task this one goes on from. False: it is done anew. */
export function keep(turn: Turn, visit: Visit, node: Step): boolean {
  const { attempt, token, entering } = visit
  const { continues } = turn.state
  const kept = continues?.nodes[node.id]
  if (continues === null || kept === undefined || !entering || node.inFinally) return false
  if (turn.state.nodes.has(node.id) || isBehindAnew(turn, node.id) || !isSame(turn, visit, node, kept)) return false
  const saved = savedOf(turn, node, outputsOf(kept))
  if ('cause' in saved) return false
  emit(turn, {
    kind: 'node_kept',
    v: 1,
    node: node.id,
    attempt,
    token,
    from: { task: continues.task, number: continues.number, attempt: kept.attempt },
    inputs: kept.inputs,
    outputs: kept.outputs,
    ...(kept.items !== undefined && { items: kept.items }),
    ...(saved.values !== null && { saved: saved.values }),
  })
  leave(turn, node, token)
  return true
}

/** With what each item gave, which later nodes may read. */
const outputsOf = ({ outputs, items }: KeptNode): Values =>
  items === undefined
    ? outputs
    : {
        ...outputs,
        items: items.map((one, index) => ({
          index,
          item: one.item,
          status: 'succeeded',
          outputs: one.outputs,
          error: null,
        })),
      }

/** Something before it was done anew in this task. Asks, which are always asked anew, do not count: what they changed shows in the inputs. */
function isBehindAnew(turn: Turn, id: string): boolean {
  for (const run of turn.state.nodes.values()) {
    if (run.keptFrom !== undefined || run.startedAt === null) continue
    const kind = turn.flow.node(run.id)?.kind
    if (kind !== 'gateway' && kind !== 'ask' && behind(turn.flow, run.id).has(id)) return true
  }
  return false
}

function isSame(turn: Turn, visit: Visit, node: Step, kept: KeptNode): boolean {
  const inputsOf = (more?: { readonly [name: string]: Value }): Values =>
    evaluateAll(node.with, scopeOf(turn.flow, turn.state, turn.env, more, visit))
  try {
    if (node.kind !== 'activity' || node.each === null)
      return kept.items === undefined && sameInputs(kept.inputs, inputsOf())
    const { as, in: list } = node.each
    const items = list.evaluate(scopeOf(turn.flow, turn.state, turn.env, undefined, visit))
    if (kept.items === undefined || canonical(items) !== canonical(kept.items.map(({ item }) => item))) return false
    return kept.items.every(({ item, inputs }, index) =>
      sameInputs(inputs, inputsOf({ [as]: item, item: { index, value: item } })),
    )
  } catch {
    return false // what cannot be told here fails where it is done
  }
}
