import { flowQuery, type FlowUser, type FlowView } from '../api/flows.ts'
import type { App } from './app.svelte.ts'
import type { LiveSource } from './live.svelte.ts'

export interface FlowPage {
  /** Null: there is none of that name, or the reader may not see it. */
  readonly flow: FlowView | null
  readonly users: readonly FlowUser[]
}
/** A flow with its versions and who runs it. Nothing tells of a change: it is read again after each act. */
export const flowSource = (app: App, name: string): LiveSource<FlowPage> => ({
  key: `flow:${name}`,
  load: async () => {
    const { flow, references } = await app.client.query(flowQuery, { name })
    return { flow, users: references }
  },
})
