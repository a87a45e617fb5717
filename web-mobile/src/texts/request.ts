const en = {
  passed: (names: string) => `${names} may pass it`,
  kept: 'Leave empty to keep what was typed.',
  nobody: (to: string) => `Nobody is in ${to} now. Pass it on, or put somebody there.`,
}
const zh: typeof en = {
  passed: (names) => `${names}可以放行`,
  kept: '不填就保留原来的。',
  nobody: (to) => `${to} 现在没有人。请转交，或者加人进去。`,
}
/** Of work handed over: that nobody is there to claim, or that comes back to be changed. */
export const requestTexts = { en, zh }
