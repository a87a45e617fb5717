/** For `node --import`: the one module here that works by being imported. */
import { openPluginDoor } from './plugin-door.ts'

openPluginDoor()
