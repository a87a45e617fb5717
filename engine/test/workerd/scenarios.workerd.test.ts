import { scenarios } from '../scenarios.ts'
import { objectsWorld } from './objects-world.ts'

scenarios('an engine in Durable Objects', objectsWorld)
