import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { Agent } from 'undici'
import { ForbiddenAddressError, isForbidden } from '../../engine/index.ts'

type Answer = (error: Error | null, address: string | readonly LookupAddress[], family?: number) => void
export type Lookup = (
  name: string,
  options: LookupOptions & { readonly all: true },
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * `fetch` that connects to exactly the addresses that were checked. The guard resolves a name to refuse it early and in good words;
 * between that look and the connection a name server could answer otherwise (DNS rebinding), so the check that counts is this one:
 * it stands in the connection's own lookup. For Node alone: elsewhere no plugin can open a connection into the machine's network.
 */
export function pinnedFetch(options: { readonly allow?: readonly string[]; readonly lookup?: Lookup } = {}): {
  readonly fetch: typeof fetch
  close(): Promise<void>
} {
  const allow = new Set(options.allow ?? [])
  const find: Lookup = options.lookup ?? lookup
  const checked = (name: string, wish: LookupOptions, answer: Answer): void =>
    find(name, { ...wish, all: true }, (error, addresses) => {
      if (error) return answer(error, [])
      const forbidden = addresses.find(({ address }) => !allow.has(address) && isForbidden(address))
      if (forbidden && !allow.has(name.toLowerCase().replace(/\.$/, '')))
        return answer(
          new ForbiddenAddressError(
            `${name} leads to ${forbidden.address}, a link-local or metadata address, which flows may not call`,
          ),
          [],
        )
      if (wish.all) return answer(null, addresses)
      const [first] = addresses
      return first ? answer(null, first.address, first.family) : answer(new Error(`${name} has no address`), [])
    })
  const agent = new Agent({ connect: { lookup: checked as never } }) // node's own signature, which its types spell per option
  return {
    fetch: (input, init) => fetch(input, { ...init, dispatcher: agent } as RequestInit), // Node's fetch takes it, the web's types do not know it
    close: () => agent.destroy(), // an answer that nobody reads to its end must not hold up a shutdown
  }
}
