/** Acts that belong together, as the chips of the audit offer them; the server takes up to twenty at once. */
export const AUDIT_GROUPS = {
  all: null,
  refused: null,
  launches: ['launch', 'runSchedule', 'claimTask', 'rejectTask', 'resubmitTask', 'transferTask', 'withdrawTask'],
  asks: [
    ...['decide', 'claimAsk', 'releaseAsk', 'transferAsk', 'assignAsk', 'remindAsk', 'commentAsk'],
    ...['delegate', 'endDelegation'],
  ],
  steps: [
    ...['startTask', 'planTask', 'pauseTask', 'resumeTask', 'revokeTask', 'editVariables', 'setNote'],
    ...['retryNode', 'skipNode', 'completeNode', 'failNode', 'chooseBranch', 'pauseBefore', 'unpause'],
    'rescheduleNode',
  ],
  signIns: [
    ...['signIn', 'signInWithToken', 'signInWithTelegram', 'signInWithPasskey', 'signInWithCompany', 'signOut'],
    ...['redeemCode', 'joinAs', 'askSignInLink', 'sessionElsewhere', 'endSession', 'endSessions'],
    ...['addPasskey', 'removePasskey'],
  ],
  rights: [
    ...['setRole', 'setRightsRole', 'addMember', 'removeMember', 'invite', 'revokeInvitation', 'trust'],
    ...['suspendPerson', 'restorePerson', 'createServiceAccount', 'createToken', 'revokeToken'],
    ...['askMerge', 'answerMerge', 'undoMerge', 'unlinkIdentity'],
  ],
  configuration: [
    ...['apply', 'saveDocument', 'deleteDocument', 'saveFlow', 'publishFlow', 'makeCurrent', 'setRetention'],
    ...['setSecret', 'deleteSecret', 'useSecret', 'scanHost', 'confirmHostKey'],
    ...['pauseSchedule', 'resumeSchedule', 'takeSchedule'],
  ],
} as const satisfies Record<string, readonly string[] | null>
export type AuditGroup = keyof typeof AUDIT_GROUPS

/** The beginning of a day of the reader's own, or of one so many days later. */
export function startOf(day: string, daysLater = 0): string {
  const at = new Date(`${day}T00:00:00`)
  at.setDate(at.getDate() + daysLater)
  return at.toISOString()
}

interface About {
  readonly kind: string
  readonly ref: string | null
}
const PAGES: Readonly<Record<string, string>> = {
  person: '/me/people',
  role: '/me/roles',
  group: '/me/roles',
  host: '/me/hosts',
  secret: '/me/secrets',
  schedule: '/me/schedules',
  document: '/me/documents',
}
/** Where it is to be seen; null: nowhere. A step stands on the page of its task. */
export function auditHref({ kind, ref }: About, all: readonly About[]): string | null {
  if (ref === null) return null
  const at = encodeURIComponent(ref)
  if (kind === 'task') return `/tasks/${at}`
  if (kind === 'ask') return `/asks/${at}`
  if (kind === 'app') return `/apps/${at}`
  if (kind === 'flow') return `/flows/${at}`
  if (kind === 'step') {
    const task = all.find((one) => one.kind === 'task')?.ref
    return task == null ? null : `/tasks/${encodeURIComponent(task)}/steps/${at}`
  }
  return PAGES[kind] ?? null
}
