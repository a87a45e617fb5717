import { objectsWorld } from '../workerd/objects-world.ts'
import { isOfRunning, playTable } from './everywhere.ts'

playTable(objectsWorld, isOfRunning)
