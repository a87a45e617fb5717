/* eslint svelte/prefer-svelte-reactivity: off -- these are made anew for each change, or are never shown */
/** What the server answers to a one-time code or a token. */
export interface SignedIn {
  /** Where to go, and answers already given in chat. */
  readonly path?: string | null
  readonly answers?: Record<string, unknown> | null
}
/** Posts JSON to one of the server's doors: `sign-in` for a one-time code, `token` for a token, `telegram` for what Telegram vouches for. */
export type Post = (door: 'sign-in' | 'token' | 'telegram', body: Record<string, string>) => Promise<Response>
export type SignInTrouble = 'expired' | 'token' | 'network' | 'name'

/** Signs this browser in by POST alone: opening a link changes nothing, so previews of it do no harm. */
export class SignIn {
  busy = $state(false)
  trouble = $state<SignInTrouble | null>(null)
  message = $state<string | null>(null)
  readonly #post: Post

  constructor(post: Post) {
    this.#post = post
  }

  async redeem(
    body: { code: string; name?: string } | { token: string } | { initData: string },
  ): Promise<SignedIn | null> {
    this.busy = true
    this.trouble = null
    this.message = null
    try {
      const door = 'token' in body ? 'token' : 'initData' in body ? 'telegram' : 'sign-in'
      const response = await this.#post(door, body)
      const answer = (await response.json().catch(() => ({}))) as SignedIn & {
        needs?: string
        errors?: { message: string }[]
      } // the doors' documented answers
      if (response.ok && answer.needs === 'name') this.trouble = 'name'
      else if (response.ok) return answer
      else if (response.status >= 500 || response.status === 429) this.trouble = 'network'
      else {
        this.trouble = 'token' in body ? 'token' : 'expired'
        this.message = answer.errors?.[0]?.message ?? null
      }
    } catch {
      this.trouble = 'network'
    } finally {
      this.busy = false
    }
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
