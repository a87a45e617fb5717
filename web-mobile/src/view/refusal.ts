import type { ClientError } from '../../../api/client/index.ts'

/** Who could do what was refused: first those who have the right, then who gives it. Each once. */
export function whoMay({ detail }: Pick<ClientError, 'detail'>): string[] {
  const named = [detail['heldBy'], detail['grantedBy']].flatMap((some) => (Array.isArray(some) ? some.map(String) : []))
  return [...new Set(named)].slice(0, 5)
}
