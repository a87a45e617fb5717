import { everyScreen } from './screens.ts'

everyScreen('1280 light English', { width: 1280 })
