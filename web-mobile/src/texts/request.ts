const en = {
  nobody: (to: string) => `Nobody is in ${to} now. Pass it on, or put somebody there.`,
}
const zh: typeof en = {
  nobody: (to) => `${to} 现在没有人。请转交，或者加人进去。`,
}
/** Of work handed over that nobody is there to claim. */
export const requestTexts = { en, zh }
