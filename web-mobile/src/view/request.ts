import type { TaskView } from '../api/fragments.ts'

type Asked = Pick<TaskView, 'phase'> & { readonly handOver: { readonly state: string } | null }
/** It waits to be claimed or changed, also while nobody is there who could: then it is in attention. */
export const isRequest = ({ phase, handOver }: Asked): boolean =>
  phase === 'REQUESTED' || (phase === 'ATTENTION' && handOver?.state === 'OPEN')
