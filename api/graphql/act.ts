import { catalogue, EngineError, sign, type Actor } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { badInput } from '../error.ts'
import { forgetRights } from '../modules/task/load.ts'

/** Targets and details come from callers: the audit is kept for ever. */
const LONGEST_TARGET = 200
const notes = new WeakMap<Context, number>()
/** How many rows of the audit this request has asked for. */
export const notesOf = (context: Context): number => notes.get(context) ?? 0

export interface Noted {
  readonly what: string
  readonly target: string | null
  readonly allowed: boolean
  /** Kept as it is: no secrets in it. */
  readonly detail?: unknown
  /** Who did it, where that is known only when it is done: whoever came in by it. */
  readonly by?: Actor | null
}
/** Adds a row to the audit in the caller's name. Resolves when it is on disk; where that fails it is logged, and what was done stays done. */
export function note(context: Context, { what, target, allowed, detail = null, by }: Noted): Promise<void> {
  notes.set(context, notesOf(context) + 1)
  const cut = target !== null && target.length > LONGEST_TARGET ? `${target.slice(0, LONGEST_TARGET)}…` : target
  const entry = { at: context.now(), by: by ?? context.who.actor, what, target: cut, allowed, detail }
  return context.db
    .write((tx) => catalogue.addAudit(tx, entry, context.keys.audit))
    .catch((error: unknown) => context.log.error({ err: error, what, target: cut }, 'audit not written'))
}

/**
 * Runs what a mutation asks for and writes the audit, whichever way it ends. `detail` is kept: no secrets in it. A function makes it
 * from what came of it; then a refusal has none but its code.
 */
export async function act<T>(
  context: Context,
  what: string,
  target: string | null,
  work: () => T | Promise<T>,
  detail?: object | ((result: T) => object),
  /** Added to `detail` once it is done. */
  made?: (result: T) => object,
  /** Whose act it was, where nobody was known before. */
  whose?: (result: T) => Actor | null,
): Promise<T> {
  forgetRights(context)
  try {
    const result = await work()
    // Before the answer: what was acknowledged is in the audit, whatever happens next.
    const known = typeof detail === 'function' ? detail(result) : detail
    const all = made ? { ...known, ...made(result) } : known
    await note(context, { what, target, allowed: true, detail: all, by: whose?.(result) ?? null })
    return result
  } catch (error) {
    const asked = typeof detail === 'function' ? {} : detail
    const why = error instanceof EngineError ? { code: error.code, right: error.detail.right } : { code: 'INTERNAL' }
    await note(context, { what, target, allowed: false, detail: { ...asked, ...why } })
    throw error
  } finally {
    forgetRights(context) // the act may have changed them
  }
}

/** Ids that callers mint are kept: they have an end. */
export const LONGEST_ID = 200

export interface Once<T> {
  readonly id: string | null | undefined
  /** What was asked, canonical: the same id with another input is a mistake of the caller. */
  readonly input: unknown
  readonly work: () => Promise<T>
  readonly idOf: (answer: T) => string
  readonly again: (id: string) => Promise<T>
}
const underway = new WeakMap<object, Map<string, Promise<unknown>>>()

/**
 * The same `clientMutationId` from the same client gives the same answer, and the act happens once.
 * Refusals are not kept: they changed nothing and are judged anew.
 * @throws CONFLICT when the id came with another input.
 */
export async function once<T>(context: Context, { id, input, work, idOf, again }: Once<T>): Promise<T> {
  if (!id) return work()
  if (id.length > LONGEST_ID)
    throw badInput('clientMutationId', 'TOO_LONG', `expected up to ${LONGEST_ID} characters, but got ${id.length}`)
  const { client } = context.who
  const inputHash = sign(context.keys.digest, JSON.stringify(input)) // keyed: the input may hold a secret that could be guessed
  const known = context.db.read((tx) => catalogue.answerOf(tx, client, id))
  if (known) {
    if (known.inputHash !== inputHash)
      throw new EngineError('CONFLICT', { message: `clientMutationId ${id} was used before with another input` })
    return again(known.answer)
  }
  const running = underway.get(context.engine) ?? new Map<string, Promise<unknown>>()
  underway.set(context.engine, running)
  const key = `${client} ${id} ${inputHash}`
  const twin = running.get(key)
  if (twin) return twin as Promise<T> // made by the line below for the same act
  const answer = work().then(async (result) => {
    const row = { client, mutationId: id, inputHash, answer: idOf(result), at: context.now() }
    await context.db.write((tx) => catalogue.keepAnswer(tx, row))
    return result
  })
  running.set(key, answer)
  try {
    return await answer
  } finally {
    running.delete(key)
  }
}
