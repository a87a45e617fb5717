/**
 * Who may ask for what: one table over every query, mutation and subscription, and one function that holds a call against it before
 * anything is looked up. What a thing itself allows (a task's step, an app, an ask) is judged once it is found, by `engine/core/rights.ts`
 * and `allow.ts`; `then` says so. A field without an entry is refused to everybody. docs/rights.md shows the table.
 */
import { EngineError, type Right } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { lacking, rightsIn, somebody, theService } from './allow.ts'

type Args = Readonly<Record<string, unknown>>
export interface Rule {
  /** `nobody`: open. `somebody`: a person, by session, token or chat. `bots`: their own connection. Else one of these rights. */
  readonly needs: 'nobody' | 'somebody' | 'bots' | readonly Right[]
  /** The bots' own connection may too: it draws cards for rooms. */
  readonly bots?: true
  /** For a person the bots act for. */
  readonly acting?: true
  /** The project in which the right is needed; null: it follows from what is found. Absent: the argument `project`, else `default`. */
  readonly in?: (args: Args) => string | null
  /** What is judged beside it, in words. */
  readonly then?: string
}

const projectOf = (args: Args): string => (typeof args['project'] === 'string' ? args['project'] : 'default')
const found = (): null => null
const right = (...rights: readonly Right[]): Rule => ({ needs: rights })
const rightThere = (then: string, ...rights: readonly Right[]): Rule => ({ needs: rights, in: found, then })
const somebodyWho = (then: string): Rule => ({ needs: 'somebody', then })
const BOTS: Rule = { needs: 'bots' }
const BOTS_FOR: Rule = { needs: 'bots', acting: true }
const OWN = somebodyWho('their own')
const TASK = somebodyWho('who may see the task')
const ON_TASK = somebodyWho('the starter, or who may operate the task')
const BEGINS = somebodyWho('the starter, while they may launch it, or who may operate the task')
const OPERATES = somebodyWho('who may operate the task')
const PASSES_OVER = somebodyWho(
  'as `allow` of the step says; an approval, or a task in it with one that nobody gave: `override-approval`',
)
const ASKED = somebodyWho('who is asked, with the scope `decide` where a token is narrowed')

/** Read aloud: `<field>` needs … */
export const POLICY: { readonly [field: string]: Rule } = {
  'Query.viewer': { needs: 'nobody', then: 'tells the caller of themselves alone' },
  'Query.apps': { needs: 'somebody', bots: true, then: 'those they may see' },
  'Query.appTree': somebodyWho('those they may see'),
  'Query.app': { needs: 'somebody', bots: true, then: 'if they may see it' },
  'Query.formOptions': somebodyWho('of an app they may launch or see'),
  'Query.preview': somebodyWho('an app they may see; a flow: `view`, or who may launch it'),
  'Query.tasks': somebodyWho('those they may see'),
  'Query.task': { needs: 'somebody', bots: true, then: 'if they may see it' },
  'Query.taskAt': { needs: 'somebody', bots: true, then: 'if they may see it' },
  'Query.inbox': somebodyWho('their own, and of those they stand in for'),
  'Query.delegations': somebodyWho('their own; others’: `reassign-ask` where they are asked'),
  'Query.ask': { needs: 'somebody', bots: true, then: 'if they may see its task' },
  'Query.people': somebodyWho('names; more of those they manage'),
  'Query.roles': somebodyWho('who stands in them is no secret'),
  'Query.projects': somebodyWho('where they may do more than launch, or see an app'),
  'Query.rightsRoles': somebodyWho('what roles may do is no secret'),
  'Query.groups': somebodyWho('who stands in them is no secret'),
  'Query.signInWays': { needs: 'nobody', then: 'how one may sign in here' },
  'Query.sessions': somebodyWho('their own; others’: `manage-people`'),
  'Query.passkeys': somebodyWho('their own; others’: `manage-people`'),
  'Query.merges': somebodyWho('those that concern them; all: `manage-people`'),
  'Query.plugins': somebodyWho('what was left out: `author`'),
  'Query.tokens': somebodyWho('their own; others’: `manage-people`'),
  'Query.flows': somebodyWho('of projects in which they have `view` or `edit-flow`'),
  'Query.flow': { needs: ['view', 'edit-flow'] },
  'Query.flowDiff': { needs: ['view', 'edit-flow'] },
  'Query.references': { needs: ['view', 'edit-flow'] },
  'Query.freezes': somebodyWho('of projects in which they have `view`; else those about apps they may see'),
  'Query.hosts': right('view'),
  'Query.schedules': somebodyWho('their own; those of projects in which they have `view` or `operate`'),
  'Query.schedule': somebodyWho('their own; those of projects in which they have `view` or `operate`'),
  'Query.schedulePreview': right('operate'),
  'Query.secretNames': rightThere('of projects in which they have it', 'manage-secrets'),
  'Query.workspaces': { needs: ['manage-people'], bots: true },
  'Query.invitations': right('manage-people'),
  'Query.deliveries': right('manage-people'),
  'Query.undeliverable': right('operate'),
  'Query.audit': right('audit'),
  'Query.auditCheck': right('audit'),
  'Query.retention': right('audit'),
  'Query.stats': right('view'),
  'Query.documents': right('view'),
  'Query.document': right('view'),
  'Query.verifyKey': right('audit'),
  'Query.historyCheck': rightThere('in the project of the task', 'audit'),
  'Query.botState': BOTS,
  'Query.identity': BOTS,
  'Query.resolveButton': BOTS_FOR,

  'Mutation.launch': somebodyWho('as the app says; a flow: who may operate or write it'),
  'Mutation.startTask': BEGINS,
  'Mutation.planTask': BEGINS,
  'Mutation.pauseTask': ON_TASK,
  'Mutation.resumeTask': ON_TASK,
  'Mutation.revokeTask': ON_TASK,
  'Mutation.setNote': ON_TASK,
  'Mutation.editVariables': somebodyWho(
    'the starter what the app shows and does not fix; who may operate the task the rest',
  ),
  'Mutation.follow': TASK,
  'Mutation.retryNode': somebodyWho('as `allow` of the step says; raw inputs: `operate-inputs`'),
  'Mutation.skipNode': PASSES_OVER,
  'Mutation.completeNode': PASSES_OVER,
  'Mutation.failNode': somebodyWho('as `allow` of the step says; an approval: `override-approval`'),
  'Mutation.chooseBranch': OPERATES,
  'Mutation.pauseBefore': OPERATES,
  'Mutation.unpause': OPERATES,
  'Mutation.rescheduleNode': OPERATES,
  'Mutation.claimTask': somebodyWho('whom it was handed to'),
  'Mutation.rejectTask': somebodyWho('whom it was handed to'),
  'Mutation.transferTask': somebodyWho('whom it was handed to, who carries it, or who may operate the task'),
  'Mutation.resubmitTask': somebodyWho('who asked for it'),
  'Mutation.withdrawTask': somebodyWho('the starter, or who may operate the task, until it is claimed'),
  'Mutation.decide': ASKED,
  'Mutation.transferAsk': ASKED,
  'Mutation.commentAsk': somebodyWho('who is asked, the starter, or who may operate the task'),
  'Mutation.decideAll': ASKED,
  'Mutation.claimAsk': ASKED,
  'Mutation.releaseAsk': somebodyWho('who has taken it; from somebody else: `reassign-ask`'),
  'Mutation.remindAsk': ON_TASK,
  'Mutation.delegate': somebodyWho(
    'for themselves, with the scope `decide` where a token is narrowed; for others: `reassign-ask` and `override-approval` wherever they are asked',
  ),
  'Mutation.endDelegation': somebodyWho('who delegates, or stands in; others’: `reassign-ask` wherever they are asked'),
  'Mutation.assignAsk': somebodyWho('`reassign-ask`; an approval that has people: `override-approval`'),
  'Mutation.setFavourite': OWN,
  'Mutation.setAlertSettings': OWN,
  'Mutation.mute': somebodyWho('an app or task they may see, for themselves'),
  'Mutation.unmute': OWN,
  'Mutation.retryUndeliverable': somebodyWho('their own; others’: `operate`'),
  'Mutation.forgetUndeliverable': somebodyWho('their own; others’: `operate`'),
  'Mutation.setPreferences': somebodyWho('their own; a name: `manage-people`'),
  'Mutation.signOut': OWN,
  'Mutation.linkCode': somebodyWho('their own, by a token that is not narrowed'),
  'Mutation.endSession': somebodyWho('their own; others’: `manage-people`'),
  'Mutation.endSessions': somebodyWho('their own; others’: `manage-people`'),
  'Mutation.beginPasskey': somebodyWho('their own, in a browser'),
  'Mutation.addPasskey': somebodyWho('their own, in a browser'),
  'Mutation.removePasskey': somebodyWho('their own, in a browser; others’: `manage-people`'),
  'Mutation.beginProof': somebodyWho('their own, in a browser'),
  'Mutation.prove': somebodyWho('their own, in a browser'),
  'Mutation.linkMail': somebodyWho('their own, in a browser'),
  'Mutation.confirmMail': OWN,
  'Mutation.mergeCode': somebodyWho('their own, by no narrowed token'),
  'Mutation.askMerge': somebodyWho('their own, by no narrowed token'),
  'Mutation.answerMerge': somebodyWho('who stays'),
  'Mutation.createToken': somebodyWho(
    'their own, never wider than what they came with; a service account’s: `manage-people`',
  ),
  'Mutation.revokeToken': somebodyWho('their own; others’: `manage-people`'),
  'Mutation.unlinkIdentity': somebodyWho('their own; others’: `manage-people`'),
  'Mutation.upload': right('launch'),

  'Mutation.check': rightThere('in the project of each document', 'edit-flow', 'view'),
  'Mutation.apply': somebodyWho('each document by its kind: see below'),
  'Mutation.saveDocument': somebodyWho('by its kind: see below'),
  'Mutation.deleteDocument': somebodyWho('by its kind: see below'),
  'Mutation.saveFlow': rightThere('in the project of the document', 'edit-flow'),
  'Mutation.publishFlow': { needs: ['author'], then: 'one that names secrets: `use-secret`' },
  'Mutation.makeCurrent': { needs: ['author'], then: 'one that names secrets: `use-secret`' },

  'Mutation.setSecret': rightThere('in the project of the name space', 'manage-secrets'),
  'Mutation.deleteSecret': rightThere('in the project of the name space', 'manage-secrets'),
  'Mutation.pauseSchedule': somebodyWho('its owner, or who has `operate` in its project'),
  'Mutation.resumeSchedule': somebodyWho('its owner, or who has `operate` in its project'),
  'Mutation.takeSchedule': somebodyWho('who has `operate` in its project and may launch its app'),
  'Mutation.runSchedule': somebodyWho('its owner, or who has `operate` in its project, if they may launch its app'),
  'Mutation.confirmHostKey': right('manage-hosts'),
  'Mutation.scanHost': right('manage-hosts'),
  'Mutation.probeHost': right('manage-hosts'),
  'Mutation.setRetention': right('audit'),
  'Mutation.rebuildStats': { needs: ['audit'], in: () => 'default' },
  'Mutation.setRole': { needs: ['manage-people'], then: 'a role whose every right they have' },
  'Mutation.setRightsRole': { needs: ['manage-people'], then: 'every right that it gains' },
  'Mutation.addMember': right('manage-people'),
  'Mutation.removeMember': right('manage-people'),
  'Mutation.suspendPerson': right('manage-people'),
  'Mutation.restorePerson': right('manage-people'),
  'Mutation.handOverAccount': right('manage-people'),
  'Mutation.createServiceAccount': { needs: ['manage-people'], then: 'with a role whose every right they have' },
  'Mutation.undoMerge': right('manage-people'),
  'Mutation.invite': {
    needs: ['manage-people'],
    then: 'with a role whose every right they have; business roles of projects where they have it too',
  },
  'Mutation.revokeInvitation': rightThere('in its project', 'manage-people'),
  'Mutation.trust': { needs: ['manage-people'], then: 'with a role whose every right they have' },

  'Mutation.ackDelivery': BOTS,
  'Mutation.nextDeliveries': BOTS,
  'Mutation.makeButtons': BOTS,
  'Mutation.openCard': BOTS,
  'Mutation.seeWorkspace': BOTS,
  'Mutation.setBotState': BOTS,
  'Mutation.joinAs': BOTS,
  'Mutation.redeemCode': BOTS,
  'Mutation.signInLink': BOTS_FOR,

  'Subscription.taskChanged': { needs: 'somebody', bots: true, then: 'while they may see it' },
  'Subscription.tasksChanged': somebodyWho('those they may see'),
  'Subscription.inboxChanged': OWN,
  'Subscription.nodeLog': somebodyWho('while they may see the values of the task'),
}

/** @throws UNAUTHENTICATED, or FORBIDDEN with the missing right, who can give it and who has it. */
export function hold(context: Context, field: string, args: Args): void {
  const rule = POLICY[field]
  // Nobody has said who may: then nobody may.
  if (rule === undefined)
    throw new EngineError('FORBIDDEN', { right: 'service', message: `${field} has no rule in api/auth/policy.ts` })
  const { who } = context
  if (rule.needs === 'nobody' || (rule.bots && who.service)) return
  if (rule.needs === 'bots') {
    theService(context)
    if (rule.acting) somebody(context)
    return
  }
  somebody(context)
  if (rule.needs === 'somebody') return
  const project = (rule.in ?? projectOf)(args)
  if (project === null) return
  const has = rightsIn(context, project)
  if (!rule.needs.some((one) => has.has(one))) throw lacking(context, rule.needs[0]!, project)
}
