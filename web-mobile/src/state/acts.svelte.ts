import { ClientError, type Client } from '../../../api/client/index.ts'
import * as does from '../api/mutations.ts'
import { newKey } from './key.ts'

/** One press, with everything it needs to be sent, now or when there is a connection again. */
export interface Act {
  /** Goes along as clientMutationId: sent twice, it happens once. */
  readonly id: string
  readonly kind: ActKind
  /** What it is about: `task:7`, `ask:a1`. */
  readonly about: string
  /** As people read it: “Retry on web-2”. */
  readonly label: string
  readonly input: Readonly<Record<string, unknown>>
}
const SENDERS = {
  start: (client, input) => client.query(does.startTask, input as never),
  pause: (client, input) => client.query(does.pauseTask, input as never),
  resume: (client, input) => client.query(does.resumeTask, input as never),
  revoke: (client, input) => client.query(does.revokeTask, input as never),
  claim_request: (client, input) => client.query(does.claimTask, input as never),
  resubmit_request: (client, input) => client.query(does.resubmitTask, input as never),
  reject_request: (client, input) => client.query(does.rejectTask, input as never),
  transfer_request: (client, input) => client.query(does.transferTask, input as never),
  withdraw_request: (client, input) => client.query(does.withdrawTask, input as never),
  editVariables: (client, input) => client.query(does.editVariables, input as never),
  retry: (client, input) => client.query(does.retryNode, { input } as never),
  skip: (client, input) => client.query(does.skipNode, { input } as never),
  byhand: (client, input) => client.query(does.completeNode, { input } as never),
  fail: (client, input) => client.query(does.failNode, { input } as never),
  choose_branch: (client, input) => client.query(does.chooseBranch, { input } as never),
  reschedule: (client, input) => client.query(does.rescheduleNode, { input } as never),
  pause_before: (client, input) => client.query(does.pauseBefore, { input } as never),
  unpause: (client, input) => client.query(does.unpauseNode, { input } as never),
  plan: (client, input) => client.query(does.planTask, input as never),
  note: (client, input) => client.query(does.setNote, input as never),
  decide: (client, input) => client.query(does.decide, { input } as never),
  // `as never`: an act's input is kept as plain data while it waits; each sheet builds the one its mutation names.
} satisfies Record<string, (client: Client, input: Readonly<Record<string, unknown>>) => Promise<unknown>>
export type ActKind = keyof typeof SENDERS

export type Outcome =
  { readonly kind: 'done' } | { readonly kind: 'queued' } | { readonly kind: 'refused'; readonly refusal: ClientError }

/** What may stay on the device while it waits: nothing that a person typed into a form, since that may be secret. */
const isPlain = ({ input }: Act): boolean => !['variables', 'outputs', 'fields', 'inputs'].some((key) => key in input)

/** Presses on their way: recorded at once, or visibly waiting for a connection. Nothing is sent silently later without its card. */
export class Acts {
  queued = $state.raw<readonly Act[]>([])
  /** The act that is being recorded now. */
  recording = $state.raw<Act | null>(null)
  /** Why the last press about something did not happen. */
  refusals = $state.raw<Readonly<Record<string, ClientError>>>({})
  /** A press that met a freeze: asked again with a reason, or left until its end. */
  frozen = $state.raw<{ readonly act: Act; readonly refusal: ClientError } | null>(null)
  readonly #client: () => Client
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>
  /** Called after an act went through, so that pages read again. */
  readonly #onDone: (act: Act) => void

  constructor(client: () => Client, storage: Pick<Storage, 'getItem' | 'setItem'>, onDone: (act: Act) => void) {
    this.#client = client
    this.#storage = storage
    this.#onDone = onDone
    try {
      this.queued = JSON.parse(storage.getItem('baton.queued') ?? '[]') as Act[] // written by us, below
    } catch {
      this.queued = []
    }
  }

  press(kind: ActKind, about: string, label: string, input: Readonly<Record<string, unknown>>): Promise<Outcome> {
    const id = newKey()
    return this.#send({ id, kind, about, label, input: { ...input, clientMutationId: id } })
  }

  tryNow(act: Act): Promise<Outcome> {
    return this.#send(act)
  }

  /** The same press with why it cannot wait: whoever may passes the freeze. */
  pass({ kind, about, label, input }: Act, overrideFreeze: string): Promise<Outcome> {
    return this.press(kind, about, label, { ...input, overrideFreeze })
  }

  takeBack(act: Act): void {
    this.#keep(this.queued.filter(({ id }) => id !== act.id))
  }

  /** The connection is back: sends what waits, in order, and stops at the first that cannot be sent. */
  async flush(): Promise<void> {
    for (const act of [...this.queued]) if ((await this.#send(act)).kind === 'queued') return
  }

  forget(about: string): void {
    if (about in this.refusals)
      this.refusals = Object.fromEntries(Object.entries(this.refusals).filter(([key]) => key !== about))
  }

  /** Signing out: what waits was this person's. */
  clear(): void {
    this.#keep([])
  }

  async #send(act: Act): Promise<Outcome> {
    if (this.recording?.about === act.about) return { kind: 'queued' } // one at a time: a second tap while the first is recorded
    this.recording = act
    this.forget(act.about)
    try {
      await SENDERS[act.kind](this.#client(), act.input)
      this.takeBack(act)
      this.frozen = null
      this.#onDone(act)
      return { kind: 'done' }
    } catch (error) {
      const refusal = error instanceof ClientError ? error : new ClientError('NETWORK', String(error))
      if (refusal.code === 'NETWORK') {
        if (!this.queued.some(({ id }) => id === act.id)) this.#keep([...this.queued, act])
        return { kind: 'queued' }
      }
      this.takeBack(act)
      this.refusals = { ...this.refusals, [act.about]: refusal }
      this.frozen = refusal.code === 'FROZEN' ? { act, refusal } : null
      this.#onDone(act) // somebody else may have decided: read the present state
      return { kind: 'refused', refusal }
    } finally {
      this.recording = null
    }
  }

  #keep(acts: readonly Act[]): void {
    this.queued = acts
    try {
      this.#storage.setItem('baton.queued', JSON.stringify(acts.filter(isPlain)))
    } catch {
      // Full, or private browsing: it waits in memory.
    }
  }
}
