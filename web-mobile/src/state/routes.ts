export type Route =
  | { readonly page: 'home' | 'apps' | 'tasks' | 'me' | 'signIn' | 'nowhere' }
  | { readonly page: 'app'; readonly name: string }
  | { readonly page: 'task'; readonly id: string; readonly node: string | null }
  | { readonly page: 'history'; readonly id: string }
  | { readonly page: 'ask'; readonly id: string }
  | { readonly page: 'inbox' }
  | { readonly page: 'flows' }
  | { readonly page: 'flow'; readonly name: string; readonly diff: boolean }
  | { readonly page: 'owner'; readonly about: (typeof OWNER)[number] }

const OWNER = [
  'account',
  'people',
  'roles',
  'chats',
  'hosts',
  'tokens',
  'notifications',
  'delegation',
  'unreached',
  'secrets',
  'documents',
  'audit',
  'stats',
  'schedules',
] as const

export function routeOf(path: string): Route {
  const [first = '', second, third, fourth] = path.split('/').filter(Boolean).map(decodeSafely)
  if (first === '') return { page: 'home' }
  if (first === 'sign-in' || first === 'join' || first === 'link') return { page: 'signIn' }
  if (first === 'apps') return second ? { page: 'app', name: second } : { page: 'apps' }
  if (first === 'asks' && !second) return { page: 'inbox' }
  if (first === 'asks' && second) return { page: 'ask', id: second }
  if (first === 'tasks' && second) {
    if (third === 'history') return { page: 'history', id: second }
    return { page: 'task', id: second, node: third === 'steps' && fourth ? fourth : null }
  }
  if (first === 'tasks') return { page: 'tasks' }
  if (first === 'flows') return second ? { page: 'flow', name: second, diff: third === 'diff' } : { page: 'flows' }
  if (first === 'me') {
    const about = OWNER.find((known) => known === second)
    return about ? { page: 'owner', about } : { page: 'me' }
  }
  return { page: 'nowhere' }
}

function decodeSafely(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
