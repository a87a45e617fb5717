import { notGiven, type FlowNode, type TaskView } from '../../../engine/index.ts'
import { rightsIn } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'

/** Going on without this step would pass over an approval, and the caller may not. */
export async function passesOverApproval(context: Context, view: TaskView, nodeId: string): Promise<boolean> {
  if (view.flow.node(nodeId)?.kind !== 'subflow') return false
  if (rightsIn(context, view.state.project).has('override-approval')) return false
  return holdsApproval(context, view, nodeId)
}

/**
 * Whether a step that is a task of its own holds an approval that nobody has given: of its last child where it stands, or where it ended;
 * where there was none, of the flow it would run. Passing over the step passes over that approval.
 */
async function holdsApproval(context: Context, { state, flow }: TaskView, nodeId: string): Promise<boolean> {
  const last = state.children.filter(({ node }) => node === nodeId).at(-1)
  const child = last ? await context.engine.task(last.id) : null
  if (!child) return asksFor(context, state.project, flow.node(nodeId), new Set())
  const { approvals, subflows } = notGiven(child.flow, child.state)
  if (approvals.length > 0) return true
  for (const id of subflows) if (await holdsApproval(context, child, id)) return true
  return false
}
/** As its flow is written now; one whose name is only known when it runs is not looked into. */
function asksFor(context: Context, project: string, node: FlowNode | undefined, seen: Set<string>): boolean {
  const name = node?.kind === 'subflow' ? node.with['flow']?.source : undefined
  if (typeof name !== 'string' || seen.has(name)) return false
  seen.add(name)
  try {
    const { nodes } = context.library.flow(project, name, 'current')
    return nodes.some((one) => (one.kind === 'ask' && one.ask === 'approval') || asksFor(context, project, one, seen))
  } catch {
    return false // there is no such flow: nothing is passed over
  }
}
