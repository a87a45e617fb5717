import { builder } from '../../graphql/builder.ts'
import type { TaskView } from './load.ts'

/** Apart from its fields, since tasks, nodes and asks refer to each other. */
export const Task = builder.objectRef<TaskView>('Task')
