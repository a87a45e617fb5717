import type { Block, Context, Explored, Spot } from './explore.ts'
import type { Inside } from './sharing.ts'

/** A node lets its token go: to one node, or a forking gateway to one per branch sent. Converges open by themselves. */
export interface Move {
  readonly node: string
  readonly to: readonly string[]
}
/** Runs longer than this are not written out: where many ways pass one block, a run can be far longer than the flow. */
const MAX_MOVES = 2000
class TooLong extends Error {}

export interface Writer {
  /** From the start of the flow to a spot. */
  readonly to: (spot: Spot) => void
  /** From the start of the flow into branches of one block. */
  readonly into: (block: Block, sent: readonly Context[]) => void
  /** From the beginning of a branch to a spot somewhere inside it. */
  readonly inside: (branch: Context, inside: Inside, spot: Spot) => void
  readonly move: (node: string, to: readonly string[]) => void
}

/** Writes out a run, move after move. Tokens that do not matter stay where their branches begin. Null: it is too long to be of use. */
export function written(explored: Explored, write: (writer: Writer) => void): readonly Move[] | null {
  const moves: Move[] = []
  const move = (node: string, to: readonly string[]): void => {
    if (moves.length >= MAX_MOVES) throw new TooLong()
    moves.push({ node, to })
  }
  const fork = (block: Block, sent: readonly Context[]): void => {
    const all = block.gateway.kind === 'parallel' ? block.branches : sent
    move(
      block.gateway.id,
      all.flatMap(({ edge }) => (edge === null ? [] : [edge.to])),
    )
  }
  const within = (spot: Spot): void => {
    const chain: Spot[] = [spot]
    for (let at = spot; at.from !== null; at = at.from) chain.unshift(at.from)
    chain.forEach((at, index) => {
      const next = chain[index + 1]
      if (next === undefined) return
      if (next.edge === null) over(explored.blocks.get(at.node))
      else move(at.node, [next.node])
    })
  }
  /** A whole block, until its converge has opened. */
  const over = (block: Block | undefined): void => {
    if (block === undefined) return
    const arriving = block.branches.filter((branch) => branch.arrived !== null)
    const sent = block.gateway.kind === 'parallel' ? arriving : arriving.slice(0, 1)
    fork(block, sent)
    for (const { arrived } of sent) {
      if (arrived === null || arrived.from === null) continue
      within(arrived.from)
      move(arrived.from.node, [arrived.edge.to])
    }
  }
  const to = (spot: Spot): void => {
    if (spot.within.block !== null) into(spot.within.block, [spot.within])
    within(spot)
  }
  const into = (block: Block, sent: readonly Context[]): void => {
    const [caller] = block.callers
    if (caller !== undefined) to(caller)
    fork(block, sent)
  }
  const inside = (branch: Context, nested: Inside, spot: Spot): void => {
    const gateway = spot.within === branch ? undefined : nested.via.get(spot.within)
    if (gateway !== undefined && spot.within.block !== null) {
      inside(branch, nested, gateway)
      fork(spot.within.block, [spot.within])
    }
    within(spot)
  }
  try {
    write({ to, into, inside, move })
  } catch (error) {
    if (error instanceof TooLong) return null
    throw error
  }
  return moves
}
