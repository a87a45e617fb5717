import { untrack } from 'svelte'
import type { App } from './app.svelte.ts'
import type { Live, LiveSource } from './live.svelte.ts'

/**
 * A live thing for the time a component is shown and looked at. `source` is read again when what it reads changes
 * (another task, another filter); an act anywhere makes it read again.
 */
export function useLive<T>(app: App, source: () => LiveSource<T>): { readonly current: Live<T> } {
  const live = $derived.by(() => {
    const wanted = source()
    return untrack(() => app.live(wanted))
  })
  $effect(() => {
    if (!app.visible) return
    const shown = live
    const stop = new AbortController()
    untrack(() => shown.start(stop.signal))
    const forget = app.onAct(() => void shown.read())
    return () => {
      forget()
      stop.abort()
    }
  })
  return {
    get current() {
      return live
    },
  }
}
