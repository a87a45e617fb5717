import { messages } from '../messages.ts'
import { objectsWorld } from './objects-world.ts'

messages('tasks and catalogue in Durable Objects', objectsWorld)
