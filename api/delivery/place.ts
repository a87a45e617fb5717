/**
 * Where a card goes, as text: `slack:C0OPS` or `slack:#release` (a room), `slack:@U123` (a person's direct messages),
 * `telegram:-100123/7` (a group and its topic), `telegram:42` (a private chat).
 */
export interface Place {
  readonly platform: 'slack' | 'telegram'
  readonly target: string
}
export function placeOf(text: string): Place | null {
  const [, platform, target] = /^(slack|telegram):(\S+)$/.exec(text.trim()) ?? []
  return target === undefined ? null : { platform: platform as Place['platform'], target } // the pattern allows no other
}
/** Others read along: everything but direct messages. */
export function isShared(text: string): boolean {
  const place = placeOf(text)
  if (!place) return true
  return place.platform === 'slack'
    ? !/^[@DUW]/.test(place.target)
    : place.target.startsWith('-') || place.target.startsWith('@')
}
/** A person's own place on a platform. */
export const directPlace = ({ platform, user }: { platform: string; user: string }): string =>
  platform === 'slack' ? `slack:@${user}` : `telegram:${user}`
/** A room as documents name it: `slack:#release`, `telegram:-100/7`, `room:#release`, `room:slack:C1`. Null: it is no room. */
export function roomOf(ref: string): string | null {
  const bare = ref.startsWith('room:') ? ref.slice(5) : ref
  if (bare.startsWith('#')) return `slack:${bare}`
  return placeOf(bare) ? bare : null
}
