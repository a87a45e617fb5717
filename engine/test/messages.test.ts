import { messages } from './messages.ts'
import { world } from './setup.ts'

messages('tasks and catalogue on a file', world)
