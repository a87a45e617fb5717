/**
 * Where a card goes, as text: `slack:C0OPS` or `slack:#release` (a room), `slack:@U123` (a person's direct messages),
 * `telegram:-100123/7` (a group and its topic), `telegram:42` (a private chat), `email:mei@acme.example`; `none:<person>` stands for
 * somebody whom nothing reaches.
 */
export interface Place {
  readonly platform: 'slack' | 'telegram' | 'email' | 'none'
  readonly target: string
}
export function placeOf(text: string): Place | null {
  const [, platform, target] = /^(slack|telegram|email|none):(\S+)$/.exec(text.trim()) ?? []
  return target === undefined ? null : { platform: platform as Place['platform'], target } // the pattern allows no other
}
/** Others read along: everything but direct messages and mail. */
export function isShared(text: string): boolean {
  const place = placeOf(text)
  if (!place) return true
  if (place.platform === 'slack') return !/^[@DUW]/.test(place.target)
  return place.platform === 'telegram' && (place.target.startsWith('-') || place.target.startsWith('@'))
}
/** A person's own place on a platform; null: that is no chat. */
export function directPlace({ platform, user }: { platform: string; user: string }): string | null {
  if (platform === 'slack') return `slack:@${user}`
  return platform === 'telegram' ? `telegram:${user}` : null
}
export const mailPlace = (address: string): string => `email:${address}`
export const nowhere = (person: string): string => `none:${person}`
/** A room as documents name it: `slack:#release`, `telegram:-100/7`, `room:#release`, `room:slack:C1`. Null: it is no room. */
export function roomOf(ref: string): string | null {
  const bare = ref.startsWith('room:') ? ref.slice(5) : ref
  if (bare.startsWith('#')) return `slack:${bare}`
  const platform = placeOf(bare)?.platform
  return platform === 'slack' || platform === 'telegram' ? bare : null
}
