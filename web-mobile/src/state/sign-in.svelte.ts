/* eslint svelte/prefer-svelte-reactivity: off -- these are made anew for each change, or are never shown */
import type { Carries } from '../view/standing.ts'
import { Cancelled, showPasskey } from './passkey.ts'

/** What the server answers to a one-time code or a token. */
export interface SignedIn {
  /** Where to go, and answers already given in chat. */
  readonly path?: string | null
  readonly answers?: Record<string, unknown> | null
  /** By title: roles and groups that an invitation named, and that were not given. */
  readonly leftOut?: readonly string[]
}
/**
 * Posts JSON to one of the server's doors: `sign-in` for a one-time code, `token` for a token, `telegram` for what Telegram vouches for,
 * `link` to be sent a link, `passkey` and `company` in two steps.
 */
export type Post = (door: Door, body: Readonly<Record<string, unknown>>) => Promise<Response>
export type Door = 'sign-in' | 'token' | 'telegram' | 'link' | 'passkey/begin' | 'passkey' | 'company/begin' | 'company'
/** `confirm`: any browser may use the link, so whoever opened it says first that it is for them. `elsewhere`: the link was asked for in another browser. `refused`: what `message` says. */
export type SignInTrouble = 'switch' | 'confirm' | 'expired' | 'token' | 'network' | 'name' | 'elsewhere' | 'refused'
interface Refusal {
  readonly message: string
  readonly extensions?: { readonly reason?: string }
}

/** Signs this browser in by POST alone: opening a link changes nothing, so previews of it do no harm. */
export class SignIn {
  busy = $state(false)
  trouble = $state<SignInTrouble | null>(null)
  message = $state<string | null>(null)
  /** Why a door refused, as the server names it. */
  reason = $state<string | null>(null)
  /** Who is signed in here, and whom the link is for (null: somebody new), when they are two. */
  other = $state.raw<{ from: string; to: string | null } | null>(null)
  /** What an invitation that asks for a name carries. */
  carries = $state.raw<Carries | null>(null)
  readonly #post: Post

  constructor(post: Post) {
    this.#post = post
  }

  /** Null: refused, and `trouble` says how. */
  redeem(
    body:
      | { code: string; name?: string; switch?: true; confirm?: true; initData?: string }
      | { token: string }
      | { initData: string },
  ): Promise<SignedIn | null> {
    const door = 'token' in body ? 'token' : 'code' in body ? 'sign-in' : 'telegram'
    return this.#at(async () => {
      const answer = await this.#knock<
        SignedIn & Partial<Carries> & { needs?: 'name' | 'switch' | 'confirm'; from?: string; to?: string | null }
      >(door, body)
      if (!answer?.needs) return answer
      this.trouble = answer.needs
      const { from = '', to = null, role = 'starter', project = null, places = [] } = answer
      if (answer.needs === 'name') this.carries = { role, project, places }
      else this.other = { from, to }
      return null
    })
  }
  /** Shows a passkey; closing the browser's sheet is no trouble. */
  withPasskey(show: (options: unknown) => Promise<unknown> = showPasskey): Promise<SignedIn | null> {
    return this.#at(async () => {
      const begun = await this.#knock<{ options: unknown }>('passkey/begin', {})
      if (!begun) return null
      try {
        return await this.#knock<SignedIn>('passkey', { response: await show(begun.options) })
      } catch (error) {
        if (error instanceof Cancelled) return null
        throw error
      }
    })
  }
  /** Where the browser goes to sign in at the company's. */
  toCompany(wish: { path?: string; code?: string; link?: true }): Promise<string | null> {
    return this.#at(async () => (await this.#knock<{ url: string }>('company/begin', wish))?.url ?? null)
  }
  /** Back from there, with what it was sent back with. */
  fromCompany(query: string): Promise<SignedIn | null> {
    return this.#at(() => this.#knock<SignedIn>('company', { query }))
  }
  /** Has a link sent, which only this browser can use. True: it was asked for, whether or not there is such a person. */
  async askLink(to: string, path: string): Promise<boolean> {
    return (await this.#at(() => this.#knock<{ sent: boolean }>('link', { to, path })))?.sent === true
  }

  async #at<T>(work: () => Promise<T | null>): Promise<T | null> {
    this.busy = true
    this.trouble = null
    this.message = null
    this.reason = null
    try {
      return await work()
    } catch {
      this.trouble = 'network'
      return null
    } finally {
      this.busy = false
    }
  }
  async #knock<T>(door: Door, body: Readonly<Record<string, unknown>>): Promise<T | null> {
    const response = await this.#post(door, body)
    const answer = (await response.json().catch(() => ({}))) as T & { errors?: Refusal[] } // the doors' documented answers
    if (response.ok) return answer
    const refusal = answer.errors?.[0]
    this.message = refusal?.message ?? null
    this.reason = refusal?.extensions?.reason ?? null
    if (response.status === 503 && refusal?.extensions?.reason) this.trouble = 'refused'
    else if (response.status >= 500 || response.status === 429) this.trouble = 'network'
    else if (refusal?.extensions?.reason === 'OTHER_BROWSER') this.trouble = 'elsewhere'
    else this.trouble = door === 'token' ? 'token' : door === 'sign-in' || door === 'telegram' ? 'expired' : 'refused'
    return null
  }
}

/** `#code=…&path=…`: the fragment never reaches a server's log. Telegram adds its own to a page it opens, after another `#` or `&`. */
export function readFragment(fragment: string): URLSearchParams {
  return new URLSearchParams(fragment.replace(/^#/, '').replaceAll('#', '&'))
}

/** Answers in a fragment: JSON, or nothing when it is not. */
export function answersIn(fragment: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(readFragment(fragment).get('answers') ?? '{}')
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : {}
  } catch {
    return {}
  }
}

/** A path of ours: an open redirect must not hide in a link. */
export const safePath = (path: string | null | undefined): string => (path && /^\/(?![/\\])/.test(path) ? path : '/')
