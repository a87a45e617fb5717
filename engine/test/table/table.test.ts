import { world } from '../setup.ts'
import { playTable } from './everywhere.ts'

playTable(world, undefined, true)
