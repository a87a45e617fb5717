import type { Component } from 'svelte'
import CornerDownRight from '@lucide/svelte/icons/corner-down-right'
import FileSearch from '@lucide/svelte/icons/file-search'
import HandHelping from '@lucide/svelte/icons/hand-helping'
import MessageSquare from '@lucide/svelte/icons/message-square'
import Pause from '@lucide/svelte/icons/pause'
import PencilLine from '@lucide/svelte/icons/pencil-line'
import Play from '@lucide/svelte/icons/play'
import Repeat2 from '@lucide/svelte/icons/repeat-2'
import RotateCw from '@lucide/svelte/icons/rotate-cw'
import Share from '@lucide/svelte/icons/share'
import ShieldCheck from '@lucide/svelte/icons/shield-check'
import SkipForward from '@lucide/svelte/icons/skip-forward'
import Square from '@lucide/svelte/icons/square'
import TriangleAlert from '@lucide/svelte/icons/triangle-alert'
import Undo2 from '@lucide/svelte/icons/undo-2'
import UserRoundPlus from '@lucide/svelte/icons/user-round-plus'
import Clock from '@lucide/svelte/icons/clock'
import GitBranch from '@lucide/svelte/icons/git-branch'
import CircleSlash from '@lucide/svelte/icons/circle-slash'
import type { Texts } from '../texts/en.ts'

export type Icon = Component<{ size?: number; strokeWidth?: number }>

/** One icon for each action, everywhere. */
export const ACTION_ICONS: Readonly<Record<string, Icon>> = {
  retry: RotateCw,
  edit_retry: PencilLine,
  edit_variables: PencilLine,
  byhand: HandHelping,
  skip: SkipForward,
  fail: CircleSlash,
  revoke: Square,
  pause: Pause,
  resume: Play,
  start: Play,
  approve: ShieldCheck,
  decide: ShieldCheck,
  submit: ShieldCheck,
  confirm: ShieldCheck,
  run_again: Repeat2,
  share: Share,
  claim_request: HandHelping,
  correct_request: PencilLine,
  reject_request: Undo2,
  resubmit_request: PencilLine,
  transfer_request: CornerDownRight,
  withdraw_request: CircleSlash,
  transfer: CornerDownRight,
  comment: MessageSquare,
  assign: UserRoundPlus,
  check: FileSearch,
  see_child: TriangleAlert,
  choose_branch: GitBranch,
  reschedule: Clock,
  plan: Clock,
  pause_before: Pause,
  unpause: Play,
}

/** What the button of an action says. `host`: the one it is about. */
export function actionLabel(t: Texts, action: string, host: string | null, isFailed: boolean): string {
  switch (action) {
    case 'retry':
      return host ? t.actions.retryOn(host) : t.actions.retry
    case 'edit_retry':
      return t.actions.editRetry
    case 'edit_variables':
      return t.actions.editAnswers
    case 'byhand':
      return t.actions.byHand
    case 'skip':
      return t.actions.skip
    case 'fail':
      return isFailed ? t.actions.giveUp : t.actions.endStep
    case 'revoke':
      return t.actions.stop
    case 'pause':
      return t.actions.pause
    case 'resume':
      return t.actions.resume
    case 'start':
      return t.actions.start
    case 'decide':
      return t.actions.decide
    case 'approve':
      return t.actions.approve
    case 'submit':
      return t.actions.submit
    case 'confirm':
      return t.actions.confirm
    case 'assign':
      return t.actions.assign
    case 'choose_branch':
      return t.actions.chooseBranch
    case 'reschedule':
      return t.actions.reschedule
    case 'plan':
      return t.actions.plan
    case 'pause_before':
      return t.actions.pauseBefore
    case 'unpause':
      return t.actions.unpause
    case 'check':
      return t.actions.checkFirst
    case 'see_child':
      return t.actions.seeChild
    case 'run_again':
      return t.actions.runAgain
    case 'transfer':
      return t.actions.transfer
    case 'comment':
      return t.actions.comment
    case 'claim_request':
      return t.request.claim
    case 'correct_request':
      return t.request.correct
    case 'reject_request':
      return t.request.reject
    case 'resubmit_request':
      return t.request.resubmit
    case 'transfer_request':
      return t.request.transfer
    case 'withdraw_request':
      return t.request.withdraw
    case 'share':
      return t.common.share
    default:
      return action
  }
}
